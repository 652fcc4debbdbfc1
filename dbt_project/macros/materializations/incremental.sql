{#- A large table that is brought up to date by its difference: rows that are no longer true go, rows
    that are new or have changed come, all others stay as they lie. The query says what is true now,
    whole; so it doesn't matter in which order, how late or how often something arrived, and a row that
    changed its owner moves. Rows are compared by a hash of all their columns. -#}
{% materialization incremental, adapter='duckdb' -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type='table') -%}
    {%- set columns = model['columns'].values() | list -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {%- if existing is not none and not existing.is_table -%}
        {%- do adapter.drop_relation(existing) -%}
        {%- set existing = none -%}
    {%- endif -%}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- if existing is none or should_full_refresh() or not has_columns(existing, columns) -%}
        {%- do replace_table(target, sql) -%}
    {%- else -%}
        {%- set names = columns | map(attribute='name') | join(', ') -%}
        {%- call statement('main', auto_begin=True) -%}
            {{ get_assert_columns_equivalent(sql) }}
            create or replace temp view true_now as ({{ sql }});
            create or replace temp table hashes_now as select hash({{ names }}) as h from true_now;
            create or replace temp table hashes_before as
            select hash({{ names }}) as h, rowid as place from {{ target }};
            create or replace temp table difference as
            select hashes_now.h, hashes_before.place
            from hashes_now full join hashes_before on hashes_now.h = hashes_before.h
            where hashes_now.h is null or hashes_before.h is null;
            delete from {{ target }}
            where rowid in (select place from difference where h is null);
            insert into {{ target }} ({{ names }})
            select {{ names }} from true_now
            where hash({{ names }}) in (select h from difference where place is null);
            drop view true_now;
            drop table hashes_now;
            drop table hashes_before;
            drop table difference
        {%- endcall -%}
    {%- endif -%}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do adapter.commit() -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({'relations': [target]}) }}
{%- endmaterialization %}


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
