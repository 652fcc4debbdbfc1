{#- Data test: every value lies within its column's range; null stands for no limit, and null values
    are allowed: `ranges: {conversion: [0, 1], amount: [0, null]}`. One scan for all columns. -#}
{% test in_ranges(model, ranges) %}
select *
from {{ model }}
where
    false
    {%- for column, limits in ranges.items() %}
    {%- if limits[0] is not none %}
    or {{ column }} < {{ limits[0] }}
    {%- endif %}
    {%- if limits[1] is not none %}
    or {{ column }} > {{ limits[1] }}
    {%- endif %}
    {%- endfor %}
{% endtest %}
