{#- Rows of the latest landing of each file, as a subquery: a file that changed landed again as a
    whole, so its earlier landings are history. For sources whose rows have no modification time. -#}
{% macro latest_landing(relation) -%}
    (
        select every_landing.*
        from (select * from {{ relation }}) as every_landing
        inner join (
            select
                _file,
                max(_dlt_load_id) as _dlt_load_id
            from {{ relation }}
            group by _file
        ) as newest
            on
                every_landing._file = newest._file
                and every_landing._dlt_load_id = newest._dlt_load_id
    ) as latest
{%- endmacro %}
