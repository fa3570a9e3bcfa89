{# The body of a version's package: weights, the network as a list of calls, and what SQL calls.
   variables: package; version; tolerance; batch, a number of rows; samples, how many there are; table_rows, how many of them
   the query of all has; parts of the network: stores, of weights, each with variable, runtime, table and parts, a number;
   weights, each with variable, type, comment and loads; locals, each with variable and type; lengths, variables; calls;
   kinds, of what samples hold, each with type, stored (the type in the table), loaded (l_numbers as that type), is_compared
   (outputs are of it), runtime (the package for it), sample (the function that reads one) and samples (the table);
   inputs, each with name, parameter, type, other_type (that is taken as well), cast (of that), runtime, sample and samples (as of
   kinds), numbers, is_free, array and row (variables for a batch and for a row of it), arrays (for fetched arrays), alone (the
   array of a row that is scored alone), put_alone and put_batched (which put a row into array), may_miss (1 or 0 for each
   element, or none) and may_miss_name, feature_values and column_values
   (of row i), its elements by commas; is_free, whether any input is; has_other, whether any input is taken in another type;
   features, the SQL of parameters; columns of cursors, each with variable and type; column_list, of the variables, by commas;
   cursor_columns, their number, and cursor_advice, what they are; sample_values, the features of the arrays, and
   sample_columns, of s1.numbers and so on; outputs, each with function, column, is_number, returns, array, runtime,
   numbers (of a row), and opening and closing, which make an array of its result;
   results, what the network gives: outputs and what tells labels, each with argument, array, type and runtime;
   window, None or length, width, columns (of the cursor, each with variable and type), column_list, advice, row (the column's
   element of each number of a row, SQL), to_element (which makes an element of the window) and put (the call that puts the window into the batch);
   has_labels and labels; label, with runtime, and alone and batched, the calls that give a row's #}
create or replace package body {{ package }} is

  gc_version constant varchar2(64) := {{ version | literal }};
  gc_tolerance constant binary_double := {{ tolerance | number }};
  -- Rows of a batch, so that no array holds more than nn_runtime.gc_max_numbers.
  gc_batch constant pls_integer := {{ batch | number }};
{% if has_labels %}
  gc_labels constant {{ label.runtime }}.t_labels := {{ label.runtime }}.t_labels(
    {{ labels }}
  );
{% endif %}
{% for input in inputs %}
{% if input.may_miss is not none %}
  -- Of input {{ input.name | remark }} the columns that may be missing.
  {{ input.may_miss_name }} constant nn_runtime.t_shape := nn_runtime.t_shape(
    {{ input.may_miss }}
  );
{% endif %}
{% endfor %}
{% if window %}
  -- By the bytes of a series' name, in hexadecimal digits: NLS_COMP and NLS_SORT could take two names
  -- for one.
  type t_series is table of pls_integer index by varchar2(8000);
{% endif %}
  type t_differences is table of binary_double index by pls_integer;
  -- A cursor of other columns: rowtype_mismatch, or this one where its query was the text of a
  -- program and has too few.
  ex_no_such_column exception;
  pragma exception_init(ex_no_such_column, -1007);
{% if weights %}

  -- Weights, read once a session when the first row is scored, and never changed.
  g_is_loaded boolean := false;
{% for weight in weights %}
  {{ weight.variable }} {{ weight.type }}; -- {{ weight.comment }}
{% endfor %}

  -- Nothing is kept unless every part was found and is what it should be.
  procedure load_weights is
{% for store in stores %}
    {{ store.variable }} {{ store.runtime }}.t_blocks;
{% endfor %}
  begin
    if g_is_loaded then
      return;
    end if;
{% for store in stores %}
    for r in (
      select part, numbers, sum_1, sum_2, data from {{ store.table }}
      where version = gc_version order by part
    ) loop
      {{ store.runtime }}.check_part(r.data, r.part, r.numbers, r.sum_1, r.sum_2, gc_version);
      {{ store.variable }}(r.part) := r.data;
    end loop;
    {{ store.runtime }}.check_parts({{ store.variable }}, {{ store.parts | number }}, gc_version);
{% endfor %}
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
    {{ input.parameter }} in {{ input.type }},
{% endfor %}
    p_rows in pls_integer,
{% for result in results %}
    {{ result.argument }} in out nocopy {{ result.type }}{% if not loop.last %},{% endif %}

{% endfor %}
  ) is
{% for local in locals %}
    {{ local.variable }} {{ local.type }};
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
    return {{ package }}.{{ output.function }}({% for input in inputs %}{{ input.type }}(
      {{ input.feature_values }}
    ){% if not loop.last %}, {% endif %}{% endfor %});
  end {{ output.function }};

{% endif %}
  function {{ output.function }}(
{%- for input in inputs %}{{ input.parameter }} in {{ input.type }}{% if not loop.last %}, {% endif %}{% endfor -%}
  ) return {{ output.returns }} deterministic parallel_enable is
    pragma udf;
{% for result in results %}
    {{ result.array }} {{ result.type }};
{% endfor %}
{% for input in inputs if input.may_miss is not none %}
    {{ input.array }} {{ input.type }};
{% endfor %}
  begin
{% for input in inputs %}
{% if input.may_miss is none %}
    if not {{ input.runtime }}.is_complete({{ input.parameter }}, {{ input.numbers | number }}, {{ input.is_free }}, {{ input.name | literal }}) then
      return null;
    end if;
{% else %}
    {{ input.runtime }}.allocate({{ input.array }}, {{ input.numbers | number }});
    if not {{ input.put_alone }} then
      return null;
    end if;
{% endif %}
{% endfor %}
    forward({% for input in inputs %}{{ input.alone }}, {% endfor %}1{% for result in results %}, {{ result.array }}{% endfor %});
    return {{ output.array }}{% if output.is_number %}(1){% endif %};
  end {{ output.function }};
{% if has_other %}

  function {{ output.function }}(
{%- for input in inputs %}{{ input.parameter }} in {{ input.other_type }}{% if not loop.last %}, {% endif %}{% endfor -%}
  ) return {{ output.returns }} deterministic parallel_enable is
    pragma udf;
  begin
    return {{ output.function }}({% for input in inputs %}{{ input.cast }}{% if not loop.last %}, {% endif %}{% endfor %});
  end {{ output.function }};
{% endif %}
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
    return {{ package }}.label({% for input in inputs %}{{ input.type }}(
      {{ input.feature_values }}
    ){% if not loop.last %}, {% endif %}{% endfor %});
  end label;

{% endif %}
  function label(
{%- for input in inputs %}{{ input.parameter }} in {{ input.type }}{% if not loop.last %}, {% endif %}{% endfor -%}
  ) return varchar2 deterministic parallel_enable is
    pragma udf;
{% for result in results %}
    {{ result.array }} {{ result.type }};
{% endfor %}
{% for input in inputs if input.may_miss is not none %}
    {{ input.array }} {{ input.type }};
{% endfor %}
  begin
{% for input in inputs %}
{% if input.may_miss is none %}
    if not {{ input.runtime }}.is_complete({{ input.parameter }}, {{ input.numbers | number }}, {{ input.is_free }}, {{ input.name | literal }}) then
      return null;
    end if;
{% else %}
    {{ input.runtime }}.allocate({{ input.array }}, {{ input.numbers | number }});
    if not {{ input.put_alone }} then
      return null;
    end if;
{% endif %}
{% endfor %}
    forward({% for input in inputs %}{{ input.alone }}, {% endfor %}1{% for result in results %}, {{ result.array }}{% endfor %});
    return {{ label.alone }};
  end label;
{% if has_other %}

  function label(
{%- for input in inputs %}{{ input.parameter }} in {{ input.other_type }}{% if not loop.last %}, {% endif %}{% endfor -%}
  ) return varchar2 deterministic parallel_enable is
    pragma udf;
  begin
    return label({% for input in inputs %}{{ input.cast }}{% if not loop.last %}, {% endif %}{% endfor %});
  end label;
{% endif %}
{% endif %}

  -- The next rows of a cursor and their scores; no rows at its end. p_places tells which row of the
  -- scores a row has, null for one that has none.
  procedure score_batch(
    p_rows in sys_refcursor,
    p_ids in out nocopy nn_runtime.t_ids,
    p_places in out nocopy nn_runtime.t_places,
{% for result in results %}
    {{ result.argument }} in out nocopy {{ result.type }}{% if not loop.last %},{% endif %}

{% endfor %}
  ) is
    l_count pls_integer := 0;
{% if features %}
{% for column in columns %}
    {{ column.variable }} {{ column.type }};
{% endfor %}
{% for input in inputs %}
    {{ input.row }} {{ input.type }};
{% endfor %}
{% else %}
{% for input in inputs %}
    {{ input.arrays }} {{ input.runtime }}.t_blocks;
{% endfor %}
{% endif %}
{% if not is_free %}
{% for input in inputs %}
    {{ input.array }} {{ input.type }};
{% endfor %}
{% endif %}
  begin
{% if features %}
    fetch p_rows bulk collect into
      p_ids, {{ column_list }}
      limit gc_batch;
{% else %}
    fetch p_rows bulk collect into p_ids{% for input in inputs %}, {{ input.arrays }}{% endfor %} limit gc_batch;
{% endif %}
    if p_ids.count = 0 then
      return;
    end if;
{% if is_free %}
    for i in 1 .. p_ids.count loop
      -- Rows differ in length: each is a batch of its own.
      p_places(i) := null;
      if {% for input in inputs %}{{ input.runtime }}.is_complete({{ input.arrays }}(i), {{ input.numbers | number }}, {{ input.is_free }}, {{ input.name | literal }}){% if not loop.last %}

        and {% endif %}{% endfor %} then
        forward({% for input in inputs %}{{ input.arrays }}(i), {% endfor %}1{% for result in results %}, {{ result.argument }}{% endfor %});
        p_places(i) := 1;
      end if;
    end loop;
{% else %}
{% for input in inputs %}
    {{ input.runtime }}.allocate({{ input.array }}, p_ids.count * {{ input.numbers | number }});
{% endfor %}
    for i in 1 .. p_ids.count loop
{% if features %}
{% for input in inputs %}
      {{ input.row }} := {{ input.type }}(
        {{ input.column_values }}
      );
{% endfor %}
{% endif %}
      p_places(i) := null;
      if {% for input in inputs %}{{ input.put_batched }}{% if not loop.last %}

        and {% endif %}{% endfor %} then
        l_count := l_count + 1;
        p_places(i) := l_count;
      end if;
    end loop;
    if l_count > 0 then
      if l_count < p_ids.count then
{% for input in inputs %}
        {{ input.array }}.trim((p_ids.count - l_count) * {{ input.numbers | number }});
{% endfor %}
      end if;
      forward({% for input in inputs %}{{ input.array }}, {% endfor %}l_count{% for result in results %}, {{ result.argument }}{% endfor %});
    end if;
{% endif %}
  exception
    when rowtype_mismatch or ex_no_such_column then
      raise_application_error(
        nn_runtime.gc_wrong_columns,
        'the cursor must have {{ cursor_columns | number }} columns: an id, then '
        || {{ cursor_advice | literal }}
      );
  end score_batch;

  function score_table(p_rows in sys_refcursor) return t_scores
    pipelined parallel_enable (partition p_rows by any) is
    l_ids nn_runtime.t_ids;
    l_places nn_runtime.t_places;
{% for result in results %}
    {{ result.array }} {{ result.type }};
{% endfor %}
    l_score t_score;
    l_no_score t_score;
  begin
    loop
      score_batch(p_rows, l_ids, l_places{% for result in results %}, {{ result.array }}{% endfor %});
      exit when l_ids.count = 0;
      for i in 1 .. l_ids.count loop
        l_score := l_no_score;
        l_score.id := l_ids(i);
        if l_places(i) is not null then
{% for output in outputs %}
{% if output.is_number %}
          l_score.{{ output.column }} := {{ output.array }}(l_places(i));
{% else %}
          l_score.{{ output.column }} := {{ output.runtime }}.get_row({{ output.array }}, l_places(i), {{ output.numbers }});
{% endif %}
{% endfor %}
{% if has_labels %}
          l_score.label := {{ label.batched }};
{% endif %}
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
    l_places nn_runtime.t_places;
{% for result in results %}
    {{ result.array }} {{ result.type }};
{% endfor %}
    l_label t_label;
  begin
    loop
      score_batch(p_rows, l_ids, l_places{% for result in results %}, {{ result.array }}{% endfor %});
      exit when l_ids.count = 0;
      for i in 1 .. l_ids.count loop
        l_label.id := l_ids(i);
        l_label.label := null;
        if l_places(i) is not null then
          l_label.label := {{ label.batched }};
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

{% if window %}
  function score_windows(
    p_rows in sys_refcursor,
    p_step in pls_integer default {{ window.step | number }},
    p_max_gap in binary_double default null
  ) return t_scores pipelined is
    l_ids nn_runtime.t_ids;
    l_series nn_runtime.t_ids;
    l_orders nn_runtime.t_column;
{% for column in window.columns %}
    {{ column.variable }} {{ column.type }};
{% endfor %}
    l_seen t_series; -- rows of a series' run so far
    l_key varchar2(8000); -- of the series
    l_last varchar2(8000); -- and of that of the row before
    l_order binary_double; -- and its place
    l_number pls_integer := 0; -- of the row in its run
    l_whole pls_integer := 0; -- rows without a null, up to this one
    l_values nn_runtime.t_column; -- row n of a run is at mod(n, {{ window.length | number }})
    l_slot pls_integer;
    l_count pls_integer;
    l_ends pls_integer;
    l_ended nn_runtime.t_ids;
    l_places nn_runtime.t_places;
    l_window {{ inputs[0].type }};
    {{ inputs[0].array }} {{ inputs[0].type }};
{% for result in results %}
    {{ result.array }} {{ result.type }};
{% endfor %}
    l_score t_score;
    l_no_score t_score;
  begin
    if p_step is null or p_step < 1 then
      raise_application_error(nn_runtime.gc_wrong_columns, 'p_step is ' || p_step || '; give 1 or more');
    elsif p_max_gap <= 0d then
      raise_application_error(nn_runtime.gc_wrong_columns, 'p_max_gap is ' || p_max_gap || '; give more than nothing');
    end if;
    {{ inputs[0].runtime }}.allocate(l_window, {{ (window.length * window.width) | number }});
    loop
      fetch p_rows bulk collect into
        l_ids, l_series, l_orders,
        {{ window.column_list }}
        limit gc_batch;
      exit when l_ids.count = 0;
      {{ inputs[0].runtime }}.allocate({{ inputs[0].array }}, l_ids.count * {{ inputs[0].numbers | number }});
      l_count := 0;
      l_ends := 0;
      for i in 1 .. l_ids.count loop
        if l_series(i) is null or l_orders(i) is null or l_orders(i) is nan then
          raise_application_error(nn_runtime.gc_wrong_columns, 'row ' || l_ids(i) || ' has no place: its series or its place is NULL, or NaN');
        end if;
        l_key := rawtohex(utl_raw.cast_to_raw(l_series(i)));
        if l_last is null or l_key <> l_last then
          if l_seen.exists(l_key) then
            raise_application_error(nn_runtime.gc_wrong_columns, 'rows of series ' || l_series(i)
              || ' come apart: order the cursor by series and place');
          end if;
          l_seen(l_key) := 1;
          l_number := 0;
          l_whole := 0;
        elsif l_orders(i) = l_order then
          raise_application_error(nn_runtime.gc_wrong_columns, 'row ' || l_ids(i) || ' has the same place as another of its series');
        elsif l_orders(i) < l_order then
          raise_application_error(nn_runtime.gc_wrong_columns, 'row ' || l_ids(i)
            || ' comes before the one it follows: order the cursor by series and place');
        elsif l_orders(i) - l_order > p_max_gap then
          l_number := 0;
          l_whole := 0;
        end if;
        l_last := l_key;
        l_order := l_orders(i);
        l_number := l_number + 1;
        l_whole := l_whole + 1;
        l_slot := mod(l_number, {{ window.length | number }}) * {{ window.width | number }};
{% for value in window.row %}
        l_values(l_slot + {{ loop.index | number }}) := {{ value }};
{% endfor %}
        for j in 1 .. {{ window.width | number }} loop
          if l_values(l_slot + j) is null then
            l_whole := 0;
          end if;
        end loop;
        if l_number >= {{ window.length | number }} and mod(l_number - {{ window.length | number }}, p_step) = 0 then
          l_ends := l_ends + 1;
          l_ended(l_ends) := l_ids(i);
          l_places(l_ends) := null;
          if l_whole >= {{ window.length | number }} then
            for k in 1 .. {{ window.length | number }} loop
              l_slot := mod(l_number + k, {{ window.length | number }}) * {{ window.width | number }};
              for j in 1 .. {{ window.width | number }} loop
                l_window((k - 1) * {{ window.width | number }} + j) := {{ window.to_element }};
              end loop;
            end loop;
            if {{ window.put }} then
              l_count := l_count + 1;
              l_places(l_ends) := l_count;
            end if;
          end if;
        end if;
      end loop;
      if l_count > 0 then
        if l_count < l_ids.count then
          {{ inputs[0].array }}.trim((l_ids.count - l_count) * {{ inputs[0].numbers | number }});
        end if;
        forward({{ inputs[0].array }}, l_count{% for result in results %}, {{ result.array }}{% endfor %});
      end if;
      for i in 1 .. l_ends loop
        l_score := l_no_score;
        l_score.id := l_ended(i);
        if l_places(i) is not null then
{% for output in outputs %}
{% if output.is_number %}
          l_score.{{ output.column }} := {{ output.array }}(l_places(i));
{% else %}
          l_score.{{ output.column }} := {{ output.runtime }}.get_row({{ output.array }}, l_places(i), {{ output.numbers }});
{% endif %}
{% endfor %}
{% if has_labels %}
          l_score.label := {{ label.batched }};
{% endif %}
        end if;
        pipe row (l_score);
      end loop;
    end loop;
    close p_rows;
    return;
  exception
    when rowtype_mismatch or ex_no_such_column then
      close p_rows;
      raise_application_error(
        nn_runtime.gc_wrong_columns,
        'the cursor must have {{ (window.width + 3) | number }} columns: an id, the series, the place in it as a number, then '
        || {{ window.advice | literal }}
      );
    when no_data_needed then
      close p_rows;
      return;
    when others then
      if p_rows%isopen then
        close p_rows;
      end if;
      raise;
  end score_windows;

{% endif %}
{% for kind in kinds %}
  function {{ kind.sample }}(
    p_sample in pls_integer,
    p_is_output in pls_integer,
    p_port in pls_integer
  ) return {{ kind.type }} is
    l_numbers {{ kind.stored }};
  begin
    select numbers into l_numbers from {{ kind.samples }}
    where version = gc_version and sample = p_sample and is_output = p_is_output
      and port = p_port;
    return {{ kind.loaded }};
  exception
    when no_data_found then
      raise_application_error(
        nn_runtime.gc_missing_samples,
        'sample ' || p_sample || ' of version ' || gc_version || ' is missing; deploy the model again'
      );
  end {{ kind.sample }};

{% if kind.is_compared %}
  -- The difference of a sample's scores from what was expected, where it is larger than p_worst.
  procedure compare(
    p_scores in {{ kind.type }},
    p_sample in pls_integer,
    p_port in pls_integer,
    p_worst in out binary_double
  ) is
  begin
    p_worst := greatest(
      p_worst, {{ kind.runtime }}.difference(p_scores, {{ kind.sample }}(p_sample, 1, p_port))
    );
  end compare;

{% endif %}
{% endfor %}
  -- The largest difference of each sample from what was expected: of the functions that score a row,
  -- and of score_table.
  procedure compare_samples(
    p_alone in out nocopy t_differences,
    p_batched in out nocopy t_differences
  ) is
    l_rows pls_integer := 0;
    l_sample pls_integer;
{% for input in inputs %}
    {{ input.array }} {{ input.type }};
{% endfor %}
  begin
    for i_sample in 0 .. {{ (samples - 1) | number }} loop
      p_alone(i_sample) := 0d;
      p_batched(i_sample) := 0d;
{% for input in inputs %}
      {{ input.array }} := {{ input.sample }}(i_sample, 0, {{ loop.index0 | number }});
{% endfor %}
{% for output in outputs %}
      compare(
        {{ output.opening }}{{ package }}.{{ output.function }}({% for input in inputs %}{{ input.array }}{% if not loop.last %}, {% endif %}{% endfor %}){{ output.closing }},
        i_sample, {{ loop.index0 | number }}, p_alone(i_sample)
      );
{% if features %}
      compare(
        {{ output.opening }}{{ package }}.{{ output.function }}(
          {{ sample_values }}
        ){{ output.closing }},
        i_sample, {{ loop.index0 | number }}, p_alone(i_sample)
      );
{% endif %}
{% endfor %}
    end loop;
    -- Every sample twice, beside its input and beside its output: a batch has several rows then.
    for r in (
      select t.id{% for output in outputs %}, t.{{ output.column }}{% endfor %}

      from table({{ package }}.score_table(cursor(
{% if features %}
        select c.sample,
          {{ sample_columns }}
        from {{ inputs[0].samples }} c{% for input in inputs %}, {{ input.samples }} s{{ loop.index | number }}{% endfor %}

{% else %}
        select c.sample{% for input in inputs %}, s{{ loop.index | number }}.numbers{% endfor %}

        from {{ inputs[0].samples }} c{% for input in inputs %}, {{ input.samples }} s{{ loop.index | number }}{% endfor %}

{% endif %}
        where c.version = gc_version and c.port = 0
{% for input in inputs %}
          and s{{ loop.index | number }}.version = gc_version and s{{ loop.index | number }}.sample = c.sample
          and s{{ loop.index | number }}.is_output = 0 and s{{ loop.index | number }}.port = {{ loop.index0 | number }}
{% endfor %}
      ))) t
    ) loop
      l_rows := l_rows + 1;
      l_sample := to_number(r.id, '9999999999', 'nls_numeric_characters=''.,''');
{% for output in outputs %}
      compare(
        {{ output.opening }}r.{{ output.column }}{{ output.closing }},
        l_sample, {{ loop.index0 | number }}, p_batched(l_sample)
      );
{% endfor %}
    end loop;
    if l_rows <> {{ table_rows | number }} then
      p_batched(0) := binary_double_infinity; -- score_table lost rows or made some up
    end if;
  end compare_samples;

  procedure verify(
    p_samples out pls_integer,
    p_failed out pls_integer,
    p_difference out binary_double
  ) is
    l_alone t_differences;
    l_batched t_differences;
    l_difference binary_double;
  begin
    p_samples := {{ samples | number }};
    p_failed := 0;
    p_difference := 0d;
    compare_samples(l_alone, l_batched);
    for i_sample in 0 .. {{ (samples - 1) | number }} loop
      l_difference := greatest(l_alone(i_sample), l_batched(i_sample));
      p_difference := greatest(p_difference, l_difference);
      if l_difference > gc_tolerance then
        p_failed := p_failed + 1;
      end if;
    end loop;
  end verify;

  procedure verify is
    l_alone t_differences;
    l_batched t_differences;
  begin
    compare_samples(l_alone, l_batched);
    for i_sample in 0 .. {{ (samples - 1) | number }} loop
      if l_alone(i_sample) > gc_tolerance or l_batched(i_sample) > gc_tolerance then
        raise_application_error(
          nn_runtime.gc_wrong_score,
          'version ' || gc_version || ': sample ' || i_sample || ' is off by ' || to_char(l_alone(i_sample))
          || ' alone and by ' || to_char(l_batched(i_sample)) || ' in score_table, the tolerance is '
          || to_char(gc_tolerance)
        );
      end if;
    end loop;
  end verify;
end {{ package }};
