{# Lets these score a model: what its synonym stands for; the next switch copies it.
   variables: synonym, its SQL name; grantees, SQL names #}
begin
{% for grantee in grantees %}
  execute immediate 'grant execute on ' || {{ synonym | literal }} || ' to ' || {{ grantee | literal }};
{% endfor %}
end;
