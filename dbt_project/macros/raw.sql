{#- One raw table as a subquery: `from {{ raw('dynamics365', 'contacts') }}`.

    The source's yml declares the columns and their types. The lake may know less: nothing may have
    landed yet, or an older file may lack a column. So every declared column is there, cast to its
    declared type, null where the files don't have it; and no row when there are no files.
    `source()` is called for lineage only: dbt docs and Dagster see the raw table upstream. -#}
{% macro raw(source_name, table_name) -%}
    {{ return(lake_table(source_name, table_name, 'raw/' ~ source_name ~ '/' ~ table_name)) }}
{%- endmacro %}


{#- A source's entry in the manifest, which holds the declared columns. -#}
{% macro raw_source_node(source_name, table_name) -%}
    {%- set id = 'source.' ~ project_name ~ '.' ~ source_name ~ '.' ~ table_name -%}
    {{ return(graph.sources[id]) }}
{%- endmacro %}


{#- A table that a Python asset wrote to lake/derived/<name>/*.parquet; declared like a raw table, in
    the dbt source `derived`: `from {{ derived('person_map') }}`. -#}
{% macro derived(table_name) -%}
    {{ return(lake_table('derived', table_name, 'derived/' ~ table_name)) }}
{%- endmacro %}


{#- A published table that goes on from what the last run published: `from {{ history('segment_history') }}`
    is that state, as the asset [history, <table>] laid it into lake/derived/<table>. -#}
{% macro history(table_name) -%}
    {{ return(lake_table('history', table_name, 'derived/' ~ table_name)) }}
{%- endmacro %}


{#- A declared table read from its folder of the lake. -#}
{% macro lake_table(source_name, table_name, folder) -%}
    {%- set relation = source(source_name, table_name) -%}
    {%- set alias = source_name ~ '_' ~ table_name -%}
    {%- if not execute -%}
        {{ return('(select 1 as not_yet_known) as ' ~ alias) }}
    {%- endif -%}
    {%- if relation.is_cte -%}
        {#- A unit test gives the rows, with all columns that the model reads. -#}
        {{ return(relation) }}
    {%- endif -%}
    {%- set node = raw_source_node(source_name, table_name) -%}
    {%- set files = lake() ~ '/' ~ folder ~ '/*.parquet' -%}
    {{ return(read_typed(files, node['columns'].values() | list, alias)) }}
{%- endmacro %}


{#- A subquery over Parquet files with exactly the declared columns ({name, data_type}). -#}
{% macro read_typed(files, columns, alias) -%}
    {%- set found = parquet_columns(files) -%}
    {%- if not found -%}
        {{ return('(' ~ typed_empty(columns) ~ ') as ' ~ alias) }}
    {%- endif -%}
    {%- set select_list = [] -%}
    {%- for column in columns -%}
        {%- set value = column['name'] if column['name'] in found else 'null' -%}
        {%- if found.get(column['name'], '') == 'TIMESTAMP WITH TIME ZONE' -%}
            {%- set value = in_utc(value) -%}
        {%- endif -%}
        {%- do select_list.append(
            'cast(' ~ value ~ ' as ' ~ column['data_type'] ~ ') as ' ~ column['name']
        ) -%}
    {%- endfor -%}
    {{ return('(select ' ~ select_list | join(', ') ~ ' from ' ~ parquet(files) ~ ') as ' ~ alias) }}
{%- endmacro %}


{#- Column name to type of all files that match; empty when no file matches. Runs at build time. -#}
{% macro parquet_columns(files) -%}
    {{ return(adapter.dispatch('parquet_columns')(files)) }}
{%- endmacro %}

{% macro duckdb__parquet_columns(files) -%}
    {%- if not run_query("select 1 from glob('" ~ files ~ "') limit 1").rows -%}
        {{ return({}) }}
    {%- endif -%}
    {%- set types = {} -%}
    {%- for row in run_query('describe select * from ' ~ parquet(files)).rows -%}
        {%- do types.update({row[0]: row[1]}) -%}
    {%- endfor -%}
    {{ return(types) }}
{%- endmacro %}


{#- The table function that reads Parquet files whose columns may differ. -#}
{% macro parquet(files) -%}
    {{ return(adapter.dispatch('parquet')(files)) }}
{%- endmacro %}

{% macro duckdb__parquet(files) -%}
    {{ return("read_parquet('" ~ files ~ "', union_by_name = true)") }}
{%- endmacro %}


{#- A time with a zone as the plain UTC time that all models use. -#}
{% macro in_utc(value) -%}
    {{ return(adapter.dispatch('in_utc')(value)) }}
{%- endmacro %}

{% macro duckdb__in_utc(value) -%}
    {{ return("timezone('UTC', " ~ value ~ ")") }}
{%- endmacro %}
