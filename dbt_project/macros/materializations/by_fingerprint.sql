{#- A large table that is brought up to date for those who changed, and for nobody else.

    The relation `fingerprints` (config; the name of a model) holds one row per key and the fingerprint
    of all that the table says about it; the table keeps that fingerprint in each of its rows. Rows of
    keys that are gone or have another fingerprint go; the query then gives the rows of the keys that
    the table doesn't hold (see `unless_held`). When the model's own file has changed, or its columns, the
    table is made anew. Columns of both: `key` (config) and `fingerprint`. -#}
{% materialization by_fingerprint, adapter='duckdb' -%}
    {%- set target = this.incorporate(type='table') -%}

    {%- call in_place(target) -%}
        {%- if not holds_rows() -%}
            {%- do replace_table(target, sql) -%}
            {%- call statement('version') -%}
                comment on table {{ target }} is '{{ version_of_model() }}'
            {%- endcall -%}
        {%- else -%}
            {%- set key = config.require('key') -%}
            {%- set names = model['columns'].values() | map(attribute='name') | join(', ') -%}
            {%- call statement('main', auto_begin=True) -%}
                {{ get_assert_columns_equivalent(sql) }}
                delete from {{ target }} as held
                where not exists (
                    select 1
                    from {{ ref(config.require('fingerprints')) }} as true_now
                    where
                        true_now.{{ key }} = held.{{ key }}
                        and true_now.fingerprint = held.fingerprint
                );
                insert into {{ target }} ({{ names }})
                select {{ names }} from ({{ sql }}) as new_rows
            {%- endcall -%}
        {%- endif -%}
    {%- endcall -%}

    {{ return({'relations': [target]}) }}
{%- endmaterialization %}


{#- Whether the table holds rows that may stay: made by this very model. -#}
{% macro holds_rows() -%}
    {%- if not execute or should_full_refresh() -%}{{ return(false) }}{%- endif -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- if existing is none or not existing.is_table -%}{{ return(false) }}{%- endif -%}
    {%- if not has_columns(existing, model['columns'].values() | list) -%}
        {{ return(false) }}
    {%- endif -%}
    {%- set made_by = run_query(
        "select comment from duckdb_tables() where schema_name = '" ~ this.schema
        ~ "' and table_name = '" ~ this.identifier ~ "'"
    ).rows -%}
    {{ return(made_by and made_by[0][0] == version_of_model()) }}
{%- endmacro %}


{#- What tells one text of a model from another. -#}
{% macro version_of_model() -%}
    {{ return('made by ' ~ model['checksum']['checksum']) }}
{%- endmacro %}


{#- For the query of such a model: a condition that leaves out the keys whose rows stay. `one_row` is a
    condition on the table that holds for one row of each key. -#}
{% macro unless_held(key, one_row) -%}
    {%- if holds_rows() -%}
        {{ key }} not in (select {{ key }} from {{ this }} where {{ one_row }})
    {%- else -%}
        1 = 1
    {%- endif -%}
{%- endmacro %}


{#- Whether a table has exactly these columns ({name, data_type}), in this order. -#}
{% macro has_columns(relation, columns) -%}
    {%- set found = [] -%}
    {%- for column in adapter.get_columns_in_relation(relation) -%}
        {%- do found.append((column.name ~ ' ' ~ column.dtype) | lower | replace(' ', '')) -%}
    {%- endfor -%}
    {%- set wanted = [] -%}
    {%- for column in columns -%}
        {%- do wanted.append((column.name ~ ' ' ~ column.data_type) | lower | replace(' ', '')) -%}
    {%- endfor -%}
    {{ return(found == wanted) }}
{%- endmacro %}
