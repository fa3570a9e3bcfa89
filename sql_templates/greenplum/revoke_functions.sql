{# Functions that run SQL given as text on segments, where rights are not checked, are for superusers only.
   variables: functions, with their argument types #}
revoke execute on function
{% for function in functions %}
  {{ function }}{% if not loop.last %},{% endif %}

{% endfor %}
from public
