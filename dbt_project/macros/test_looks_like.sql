{#- Fails for each value that isn't of the pattern's shape; null is no value. -#}
{% test looks_like(model, column_name, pattern) %}
    select {{ column_name }}
    from {{ model }}
    where not {{ matches(column_name, pattern) }}
{% endtest %}
