{#- Every metric of the project, computed from its definition: rows `measure`, `unit`, `numerator`,
    `denominator`. A simple metric has no denominator. Each table is read once.

    Metrics are simple or ratios of simple ones, without filters: a measure's own expression says what
    counts, so that it reads as SQL. -#}
{% macro computed_metrics() -%}
    {%- if not execute -%}
        {{ return('(select 1 as not_yet_known) as computed_metrics') }}
    {%- endif -%}
    {%- set models = graph.semantic_models.values() | sort(attribute='name') -%}
    {%- set metrics = graph.metrics.values() | sort(attribute='name') -%}
    (
        with
        {% for model in models %}
        of_{{ model.name }} as (
            select
                {%- for measure in model.measures %}
                {{ aggregate(measure) }} as {{ measure.name }}
                {{- ',' if not loop.last }}
                {%- endfor %}
            from {{ ref(model.model | replace("ref('", '') | replace("')", '')) }}
        ){{ ',' if not loop.last }}
        {% endfor %}
        {%- for metric in metrics %}
        {%- set is_ratio = metric.type == 'ratio' %}
        {%- set top = metric.type_params.numerator.name if is_ratio else metric.name %}
        select
            '{{ metric.name }}' as measure,
            {{ dbt.string_literal(metric.config.meta.get('unit', 'sum or count')) }} as unit,
            cast({{ measure_of_metric(top) }} as double) as numerator,
            cast({{ measure_of_metric(metric.type_params.denominator.name) if is_ratio else 'null' }}
                as double) as denominator
        {{ 'union all' if not loop.last }}
        {%- endfor %}
    ) as computed_metrics
{%- endmacro %}


{#- What a simple metric's measure came to, as a subquery over its table's one row. -#}
{% macro measure_of_metric(metric_name) -%}
    {%- set metric = graph.metrics['metric.' ~ project_name ~ '.' ~ metric_name] -%}
    {%- set name = metric.type_params.measure.name -%}
    {%- for model in graph.semantic_models.values() -%}
        {%- for measure in model.measures if measure.name == name -%}
            (select {{ name }} from of_{{ model.name }})
        {%- endfor -%}
    {%- endfor -%}
{%- endmacro %}


{#- One measure of a semantic model as an aggregate in SQL. -#}
{% macro aggregate(measure) -%}
    {%- set how = measure.agg | string | lower -%}
    {%- if how not in ['sum', 'min', 'max', 'count'] -%}
        {{ exceptions.raise_compiler_error(measure.name ~ ': a measure here is a sum, min, max or count') }}
    {%- endif -%}
    {{ how }}({{ measure.expr or measure.name }})
{%- endmacro %}
