{# Segments that read other rows than their own, which own_query relies on, end the transaction.
   variables: none #}
do {% set source %}

begin
  perform export_model.probe_own();
end
{% endset %}{{ source | body }}
