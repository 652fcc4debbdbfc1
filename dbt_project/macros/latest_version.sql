{#- The latest version of each row of a raw table, as a subquery: raw tables hold every version that
    ever landed, staging models hold one row per key.

    key         column or columns (text, separated by commas) that identify a row
    updated     the source's own modification time: decides between versions of one load
    tombstones  the source reports deletes: a key whose latest version is a tombstone is left out,
                until a later load brings the key back
    files       the source is made of files: the later file, and in it the later row, wins -#}
{% macro latest_version(relation, key, updated=none, tombstones=false, files=false) -%}
    {%- set newest_first = ['_dlt_load_id desc'] -%}
    {%- if updated -%}{%- do newest_first.append(updated ~ ' desc nulls last') -%}{%- endif -%}
    {%- if files -%}{%- do newest_first.extend(['_file desc', '_row desc']) -%}{%- endif -%}
    (
        select *
        from (
            select
                *,
                row_number() over (
                    partition by {{ key }}
                    order by {{ newest_first | join(', ') }}
                ) as version_rank
            from {{ relation }}
        ) as versions
        where
            version_rank = 1
            {%- if tombstones %}
            and not coalesce(_deleted, false)
            {%- endif %}
    ) as latest
{%- endmacro %}
