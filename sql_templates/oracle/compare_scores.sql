{# What a version gives for the rows of a source, by their keys.
   variables: package; source; key, of a row c as text; columns, those of c that are scored; has_labels #}
select t.id, t.score, {% if has_labels %}t.label{% else %}null{% endif %}

from table({{ package }}.score_table(cursor(select {{ key }}, {{ columns }} from {{ source }} c))) t
