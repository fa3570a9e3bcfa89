{# The package of a model's version: what SQL calls.
   variables: package; may_miss, whether any column may be missing; array_types; model, version, source (a file's name) and
   exporter, for a comment; features, the SQL of parameters; inputs, each with parameter and shape; outputs, each with name, function, column,
   returns and shape; has_labels; window, None or length and step #}
create or replace package {{ package }} authid definer is
  -- Model {{ model | remark }}, version {{ version | remark }},
  -- made from {{ source | remark }} by export-model {{ exporter | remark }}. It never changes: another
  -- version is another package.
{% for input in inputs %}
  -- {{ input.parameter }}: input {{ input.name | remark }}, {{ input.shape | remark }}, in row-major order.
{% endfor %}
{% for output in outputs %}
  -- {{ output.function }}: output {{ output.name | remark }}, {{ output.shape | remark }}.
{% endfor %}
{% if may_miss %}
  -- A row with a null scores null, but for columns that may be missing to the model; the wrong number
  -- of elements is an error.
{% else %}
  -- A row with a null scores null; the wrong number of numbers is an error.
{% endif %}

  -- The id is what the cursor's first column holds, as text.
  type t_score is record (
    id varchar2(4000),
{% for output in outputs %}
    {{ output.column }} {{ output.returns }}{% if not loop.last or has_labels %},{% endif %}

{% endfor %}
{% if has_labels %}
    label varchar2(4000)
{% endif %}
  );
  type t_scores is table of t_score;
{% if has_labels %}
  type t_label is record (
    id varchar2(4000),
    label varchar2(4000)
  );
  type t_labels is table of t_label;
{% endif %}
{% for output in outputs %}

{% if features %}
  function {{ output.function }}(
{% for feature in features %}
    {{ feature }}{% if not loop.last %},{% endif %}

{% endfor %}
  ) return {{ output.returns }} deterministic parallel_enable;
{% endif %}
{% for types in array_types %}
  function {{ output.function }}(
{%- for input in inputs %}{{ input.parameter }} in {{ types[loop.index0] }}{% if not loop.last %}, {% endif %}{% endfor -%}
  ) return {{ output.returns }} deterministic parallel_enable;
{% endfor %}
{% endfor %}
{% if has_labels %}

{% if features %}
  function label(
{% for feature in features %}
    {{ feature }}{% if not loop.last %},{% endif %}

{% endfor %}
  ) return varchar2 deterministic parallel_enable;
{% endif %}
{% for types in array_types %}
  function label(
{%- for input in inputs %}{{ input.parameter }} in {{ types[loop.index0] }}{% if not loop.last %}, {% endif %}{% endfor -%}
  ) return varchar2 deterministic parallel_enable;
{% endfor %}
{% endif %}

  -- Scores of all rows of a cursor, a batch at a time: its columns are an id, then
{% if features %}
  -- the features.
{% else %}
  -- an array of type utl_nla_array_flt for each input.
{% endif %}
  function score_table(p_rows in sys_refcursor) return t_scores
    pipelined parallel_enable (partition p_rows by any);
{% if has_labels %}
  function label_table(p_rows in sys_refcursor) return t_labels
    pipelined parallel_enable (partition p_rows by any);
{% endif %}
{% if window %}

  -- Scores of the windows over the rows of a cursor, {{ window.length | number }} rows each: its columns are an id, the series, the place
  -- in it as a number, then those of one row; the cursor gives the rows of a series together, in
  -- the order of their places. A window has the id of its last row. p_max_gap: a longer way between two
  -- places begins anew.
  function score_windows(
    p_rows in sys_refcursor,
    p_step in pls_integer default {{ window.step | number }},
    p_max_gap in binary_double default null
  ) return t_scores pipelined;
{% endif %}

  -- Scores the stored samples: how many, how many of them beyond the tolerance, and the largest
  -- difference, of |score - expected| / max(1, |expected|).
  procedure verify(
    p_samples out pls_integer,
    p_failed out pls_integer,
    p_difference out binary_double
  );
  -- The same, and an error for the first sample beyond the tolerance.
  procedure verify;
end {{ package }};
