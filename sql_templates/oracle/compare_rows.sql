{# The rows of a source by their keys, with what is true of them.
   variables: source; key, of a row c as text; actual, of a row c, or null #}
select {{ key }}, {{ actual }} from {{ source }} c
