{# The body of a version's package: weights, the network as a list of calls, and what SQL calls.
   variables: package; array_types; version; features, the SQL of parameters, and feature_values, their
   names; columns, variables of the features, column_list, by commas, and column_values, of row i;
   inputs, each with name, parameter, numbers, is_free, array (a variable for a batch) and arrays (for
   fetched arrays); outputs, each with function, column, is_number, returns, argument, array and
   numbers (of a row); is_free, whether any input is; has_labels, labels and threshold; batch, a number of rows; parts, a number;
   weights, each with variable, type, comment and loads; locals and lengths, variables; calls;
   samples, a number; tolerance #}
create or replace package body {{ package }} is

  gc_version constant varchar2(64) := {{ version | literal }};
  gc_tolerance constant binary_double := {{ tolerance | number }};
  -- Rows of a batch, so that no array holds more than nn_runtime.gc_max_numbers.
  gc_batch constant pls_integer := {{ batch | number }};
{% if has_labels %}
  gc_labels constant nn_runtime.t_labels := nn_runtime.t_labels(
    {{ labels }}
  );
{% endif %}
{% if weights %}

  -- Weights, read once a session when the first row is scored, and never changed.
  g_is_loaded boolean := false;
{% for weight in weights %}
  {{ weight.variable }} {{ weight.type }}; -- {{ weight.comment }}
{% endfor %}

  -- Nothing is kept unless every part was found and is what it should be.
  procedure load_weights is
    l_parts nn_runtime.t_blocks;
  begin
    if g_is_loaded then
      return;
    end if;
    for r in (
      select part, numbers, sum_1, sum_2, data from export_model_weights
      where version = gc_version order by part
    ) loop
      nn_runtime.check_part(r.data, r.part, r.numbers, r.sum_1, r.sum_2, gc_version);
      l_parts(r.part) := r.data;
    end loop;
    nn_runtime.check_parts(l_parts, {{ parts | number }}, gc_version);
{% for weight in weights %}
{% for load in weight.loads %}
    {{ load }}
{% endfor %}
{% endfor %}
    g_is_loaded := true;
  end load_weights;
{% endif %}

  -- The network, for a batch of rows.
  procedure forward(
{% for input in inputs %}
    {{ input.parameter }} in utl_nla_array_flt,
{% endfor %}
    p_rows in pls_integer,
{% for output in outputs %}
    {{ output.argument }} in out nocopy utl_nla_array_flt{% if not loop.last %},{% endif %}

{% endfor %}
  ) is
{% for local in locals %}
    {{ local }} utl_nla_array_flt;
{% endfor %}
{% for length in lengths %}
    {{ length }} pls_integer;
{% endfor %}
  begin
{% if weights %}
    load_weights;
{% endif %}
{% for call in calls %}
    {{ call }}
{% endfor %}
  end forward;
{% for output in outputs %}

{% if features %}
  -- Called by its full name: a feature may be called like a function.
  function {{ output.function }}(
{% for feature in features %}
    {{ feature }}{% if not loop.last %},{% endif %}

{% endfor %}
  ) return {{ output.returns }} deterministic parallel_enable is
    pragma udf;
  begin
    return {{ package }}.{{ output.function }}(utl_nla_array_flt(
      {{ feature_values }}
    ));
  end {{ output.function }};

{% endif %}
  function {{ output.function }}(
{%- for input in inputs %}{{ input.parameter }} in utl_nla_array_flt{% if not loop.last %}, {% endif %}{% endfor -%}
  ) return {{ output.returns }} deterministic parallel_enable is
    pragma udf;
{% for other in outputs %}
    {{ other.array }} utl_nla_array_flt;
{% endfor %}
  begin
{% for input in inputs %}
    if not nn_runtime.is_complete({{ input.parameter }}, {{ input.numbers | number }}, {{ input.is_free }}, {{ input.name | literal }}) then
      return null;
    end if;
{% endfor %}
    forward({% for input in inputs %}{{ input.parameter }}, {% endfor %}1{% for other in outputs %}, {{ other.array }}{% endfor %});
    return {{ output.array }}{% if output.is_number %}(1){% endif %};
  end {{ output.function }};

  function {{ output.function }}(
{%- for input in inputs %}{{ input.parameter }} in utl_nla_array_dbl{% if not loop.last %}, {% endif %}{% endfor -%}
  ) return {{ output.returns }} deterministic parallel_enable is
    pragma udf;
  begin
    return {{ output.function }}({% for input in inputs %}nn_runtime.to_single({{ input.parameter }}){% if not loop.last %}, {% endif %}{% endfor %});
  end {{ output.function }};
{% endfor %}
{% if has_labels %}

{% if features %}
  function label(
{% for feature in features %}
    {{ feature }}{% if not loop.last %},{% endif %}

{% endfor %}
  ) return varchar2 deterministic parallel_enable is
    pragma udf;
  begin
    return {{ package }}.label(utl_nla_array_flt(
      {{ feature_values }}
    ));
  end label;

{% endif %}
  function label(
{%- for input in inputs %}{{ input.parameter }} in utl_nla_array_flt{% if not loop.last %}, {% endif %}{% endfor -%}
  ) return varchar2 deterministic parallel_enable is
    pragma udf;
    l_y utl_nla_array_flt;
  begin
{% for input in inputs %}
    if not nn_runtime.is_complete({{ input.parameter }}, {{ input.numbers | number }}, {{ input.is_free }}, {{ input.name | literal }}) then
      return null;
    end if;
{% endfor %}
    forward({% for input in inputs %}{{ input.parameter }}, {% endfor %}1, l_y);
    return nn_runtime.label_of(l_y, 1, gc_labels{% if threshold is not none %}, {{ threshold | number }}{% endif %});
  end label;

  function label(
{%- for input in inputs %}{{ input.parameter }} in utl_nla_array_dbl{% if not loop.last %}, {% endif %}{% endfor -%}
  ) return varchar2 deterministic parallel_enable is
    pragma udf;
  begin
    return label({% for input in inputs %}nn_runtime.to_single({{ input.parameter }}){% if not loop.last %}, {% endif %}{% endfor %});
  end label;
{% endif %}

  -- The next rows of a cursor and their scores; no rows at its end.
  procedure score_batch(
    p_rows in sys_refcursor,
    p_ids in out nocopy nn_runtime.t_ids,
    p_is_scored in out nocopy nn_runtime.t_flags,
{% for output in outputs %}
    {{ output.argument }} in out nocopy utl_nla_array_flt{% if not loop.last %},{% endif %}

{% endfor %}
  ) is
{% if features %}
{% for column in columns %}
    {{ column }} nn_runtime.t_column;
{% endfor %}
    l_row utl_nla_array_flt;
{% else %}
{% for input in inputs %}
    {{ input.arrays }} nn_runtime.t_blocks;
{% endfor %}
{% endif %}
{% if not is_free %}
{% for input in inputs %}
    {{ input.array }} utl_nla_array_flt;
{% endfor %}
{% endif %}
  begin
{% if features %}
    fetch p_rows bulk collect into
      p_ids, {{ column_list }}
      limit gc_batch;
    if p_ids.count = 0 then
      return;
    end if;
    nn_runtime.allocate(l_x, p_ids.count * {{ inputs[0].numbers | number }});
    for i in 1 .. p_ids.count loop
      l_row := utl_nla_array_flt(
        {{ column_values }}
      );
      p_is_scored(i) := nn_runtime.put_row(l_row, i, {{ inputs[0].numbers | number }}, {{ inputs[0].name | literal }}, l_x);
    end loop;
    forward(l_x, p_ids.count{% for output in outputs %}, {{ output.argument }}{% endfor %});
{% else %}
    fetch p_rows bulk collect into p_ids{% for input in inputs %}, {{ input.arrays }}{% endfor %} limit gc_batch;
    if p_ids.count = 0 then
      return;
    end if;
{% if not is_free %}
{% for input in inputs %}
    nn_runtime.allocate({{ input.array }}, p_ids.count * {{ input.numbers | number }});
{% endfor %}
{% endif %}
    for i in 1 .. p_ids.count loop
{% if is_free %}
      -- Rows differ in length: each is a batch of its own.
      p_is_scored(i) := {% for input in inputs %}nn_runtime.is_complete({{ input.arrays }}(i), {{ input.numbers | number }}, {{ input.is_free }}, {{ input.name | literal }}){% if not loop.last %}

        and {% endif %}{% endfor %};
      if p_is_scored(i) then
        forward({% for input in inputs %}{{ input.arrays }}(i), {% endfor %}1{% for output in outputs %}, {{ output.argument }}{% endfor %});
      end if;
{% else %}
      p_is_scored(i) := {% for input in inputs %}nn_runtime.put_row({{ input.arrays }}(i), i, {{ input.numbers | number }}, {{ input.name | literal }}, {{ input.array }}){% if not loop.last %}

        and {% endif %}{% endfor %};
{% endif %}
    end loop;
{% if not is_free %}
    forward({% for input in inputs %}{{ input.array }}, {% endfor %}p_ids.count{% for output in outputs %}, {{ output.argument }}{% endfor %});
{% endif %}
{% endif %}
  end score_batch;

  function score_table(p_rows in sys_refcursor) return t_scores
    pipelined parallel_enable (partition p_rows by any) is
    l_ids nn_runtime.t_ids;
    l_is_scored nn_runtime.t_flags;
{% for output in outputs %}
    {{ output.array }} utl_nla_array_flt;
{% endfor %}
    l_score t_score;
    l_no_score t_score;
  begin
    loop
      score_batch(p_rows, l_ids, l_is_scored{% for output in outputs %}, {{ output.array }}{% endfor %});
      exit when l_ids.count = 0;
      for i in 1 .. l_ids.count loop
        l_score := l_no_score;
        l_score.id := l_ids(i);
        if l_is_scored(i) then
{% for output in outputs %}
{% if output.is_number %}
          l_score.{{ output.column }} := {{ output.array }}(i);
{% else %}
          l_score.{{ output.column }} := nn_runtime.get_row({{ output.array }}, i, {{ output.numbers }});
{% endif %}
{% endfor %}
        end if;
        pipe row (l_score);
      end loop;
    end loop;
    close p_rows;
    return;
  exception
    when no_data_needed then
      close p_rows;
      return;
    when others then
      if p_rows%isopen then
        close p_rows;
      end if;
      raise;
  end score_table;
{% if has_labels %}

  function label_table(p_rows in sys_refcursor) return t_labels
    pipelined parallel_enable (partition p_rows by any) is
    l_ids nn_runtime.t_ids;
    l_is_scored nn_runtime.t_flags;
    l_y utl_nla_array_flt;
    l_label t_label;
  begin
    loop
      score_batch(p_rows, l_ids, l_is_scored, l_y);
      exit when l_ids.count = 0;
      for i in 1 .. l_ids.count loop
        l_label.id := l_ids(i);
        l_label.label := null;
        if l_is_scored(i) then
          l_label.label := nn_runtime.label_of(l_y, i, gc_labels{% if threshold is not none %}, {{ threshold | number }}{% endif %});
        end if;
        pipe row (l_label);
      end loop;
    end loop;
    close p_rows;
    return;
  exception
    when no_data_needed then
      close p_rows;
      return;
    when others then
      if p_rows%isopen then
        close p_rows;
      end if;
      raise;
  end label_table;
{% endif %}

  function sample_numbers(
    p_sample in pls_integer,
    p_is_output in pls_integer,
    p_port in pls_integer
  ) return utl_nla_array_flt is
    l_numbers utl_nla_array_flt;
  begin
    select numbers into l_numbers from export_model_samples
    where version = gc_version and sample = p_sample and is_output = p_is_output
      and port = p_port;
    return l_numbers;
  exception
    when no_data_found then
      raise_application_error(
        nn_runtime.gc_missing_samples,
        'sample ' || p_sample || ' of version ' || gc_version || ' is missing; deploy the model again'
      );
  end sample_numbers;

  -- The largest difference between the scores of a sample and what was expected.
  function sample_difference(p_sample in pls_integer) return binary_double is
{% for output in outputs %}
    {{ output.array }} utl_nla_array_flt;
{% endfor %}
    l_difference binary_double := 0d;
  begin
    forward(
{% for input in inputs %}
      sample_numbers(p_sample, 0, {{ loop.index0 | number }}),
{% endfor %}
      1{% for output in outputs %}, {{ output.array }}{% endfor %}

    );
{% for output in outputs %}
    l_difference := greatest(
      l_difference, nn_runtime.difference({{ output.array }}, sample_numbers(p_sample, 1, {{ loop.index0 | number }}))
    );
{% endfor %}
    return l_difference;
  end sample_difference;

  procedure verify(
    p_samples out pls_integer,
    p_failed out pls_integer,
    p_difference out binary_double
  ) is
    l_difference binary_double;
  begin
    p_samples := {{ samples | number }};
    p_failed := 0;
    p_difference := 0d;
    for i_sample in 0 .. {{ (samples - 1) | number }} loop
      l_difference := sample_difference(i_sample);
      p_difference := greatest(p_difference, l_difference);
      if l_difference > gc_tolerance then
        p_failed := p_failed + 1;
      end if;
    end loop;
  end verify;

  procedure verify is
    l_difference binary_double;
  begin
    for i_sample in 0 .. {{ (samples - 1) | number }} loop
      l_difference := sample_difference(i_sample);
      if l_difference > gc_tolerance then
        raise_application_error(
          nn_runtime.gc_wrong_score,
          'version ' || gc_version || ': sample ' || i_sample || ' is off by ' || to_char(l_difference)
          || ', more than ' || to_char(gc_tolerance)
        );
      end if;
    end loop;
  end verify;
end {{ package }};
