{#- A large table of what records did, brought up to date by the day. The query says what every record
    did, whole, with `record_id` and `occurred_at`; the table adds `customer_id`, whose record it is
    today (null when nobody's). Days of which the query now says something else are written again; of
    all other days only the owner is looked at, so a merge or a split moves history and writes nothing
    else. It doesn't matter in which order, how late or how often something arrived.

    What was written of a day is kept as a hash per day in the table <name>__days. The model names
    `bridge_customer_records` in a comment: `-- depends_on: {{ ref(...) }}`. -#}
{% materialization by_day, adapter='duckdb' -%}
    {%- set target = this.incorporate(type='table') -%}
    {%- set days = target.incorporate(path={'identifier': this.identifier ~ '__days'}) -%}
    {%- set columns = model['columns'].values() | map(attribute='name') | list -%}
    {%- set said = columns | reject('equalto', 'customer_id') | join(', ') -%}

    {%- call in_place(target) -%}
        {%- if not holds_rows() -%}
            {%- do replace_table(target, with_owners(sql)) -%}
            {%- call statement('days') -%}
                create or replace table {{ days }} as {{ hashed_days('(' ~ sql ~ ')', said) }};
                comment on table {{ target }} is '{{ version_of_model() }}'
            {%- endcall -%}
        {%- else -%}
            {%- call statement('main', auto_begin=True) -%}
                {{ get_assert_columns_equivalent(with_owners(sql)) }}
                create or replace temp table days_now as {{ hashed_days('(' ~ sql ~ ')', said) }};
                create or replace temp table days_changed as
                select coalesce(days_now.day, before.day) as day
                from days_now full join {{ days }} as before on days_now.day = before.day
                where days_now.content is distinct from before.content;

                delete from {{ target }}
                where cast(occurred_at as date) in (select day from days_changed);
                insert into {{ target }} ({{ columns | join(', ') }})
                {{ with_owners(sql) }}
                and cast(occurred_at as date) in (select day from days_changed);

                create or replace temp table moved as
                select held.* replace (people.customer_id as customer_id), held.rowid as place
                from {{ target }} as held
                left join {{ ref('bridge_customer_records') }} as people
                    on held.record_id = people.record_id
                where held.customer_id is distinct from people.customer_id;
                delete from {{ target }} where rowid in (select place from moved);
                insert into {{ target }} ({{ columns | join(', ') }})
                select {{ columns | join(', ') }} from moved;

                create or replace table {{ days }} as from days_now;
                drop table days_now;
                drop table days_changed;
                drop table moved
            {%- endcall -%}
        {%- endif -%}
    {%- endcall -%}

    {{ return({'relations': [target]}) }}
{%- endmaterialization %}


{#- What records did, and whose they are; in the order of the model's columns, without what has no time.
    Ends in a condition, so that another one can follow. -#}
{% macro with_owners(sql) -%}
    select
        {%- for column in model['columns'] %}
        {{ 'people' if column == 'customer_id' else 'told' }}.{{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from ({{ sql }}) as told
    left join {{ ref('bridge_customer_records') }} as people
        on told.record_id = people.record_id
    where told.occurred_at is not null
{%- endmacro %}


{#- One row per day with a hash of all that is said of it, in whatever order. -#}
{% macro hashed_days(rows, columns) -%}
    select day, hash(count(*), sum(cast(h as hugeint)), bit_xor(h)) as content
    from (
        select cast(occurred_at as date) as day, hash({{ columns }}) as h from {{ rows }} as said
    ) as hashed
    where day is not null
    group by day
{%- endmacro %}
