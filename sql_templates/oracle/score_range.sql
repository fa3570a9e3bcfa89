{# Score a range of rows and write what is not there yet. The key goes through score_table as text, made
   by the same expression on both sides, and is written as it is in the source.
   variables: source, key, target, package; text_of_s and text_of_c, the key of s and c as text; columns,
   those of c that are scored; has_labels; is_last, whether the range has no end #}
insert into {{ target }} (key, score, label, model_version)
select /*+ leading(t) use_hash(s) */ s.{{ key }}, t.score,
  {% if has_labels %}t.label{% else %}null{% endif %}, :version
from table({{ package }}.score_table(cursor(
    select {{ text_of_c }},
      {{ columns }}
    from {{ source }} c
    where c.{{ key }} >= :first_key{% if not is_last %} and c.{{ key }} < :next_key{% endif %}

  ))) t, {{ source }} s
where s.{{ key }} >= :first_key{% if not is_last %} and s.{{ key }} < :next_key{% endif %}

  and {{ text_of_s }} = t.id
  and not exists (
    select null from {{ target }} x where x.key = s.{{ key }} and x.model_version = :version
  )
