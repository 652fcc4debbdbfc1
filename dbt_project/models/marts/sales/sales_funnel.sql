-- From a first question to a signature. Whoever reached a stage has passed those before it, so each
-- stage counts all that got at least that far, however they ended.
{%- set stages = ['qualify', 'develop', 'propose', 'close'] %}
with

leads as (
    select * from {{ ref('leads') }}
),

opportunities as (
    select
        *,
        case stage
            {%- for stage in stages %}
            when '{{ stage }}' then {{ loop.index + 1 }}
            {%- endfor %}
        end as position
    from {{ ref('opportunities') }}
),

stages as (
    select
        1 as position,
        'lead' as stage,
        count(*) as reached,
        count(*) filter (where status = 'open') as open_now,
        cast(0 as decimal(18, 2)) as open_value,
        count(*) filter (where status = 'lost') as lost_here,
        count(*) filter (where status = 'qualified') as went_on
    from leads
    {%- for stage in stages %}
    {%- set position = loop.index + 1 %}

    union all

    select
        {{ position }},
        '{{ stage }}',
        count(*) filter (where position >= {{ position }} or status = 'won'),
        count(*) filter (where position = {{ position }} and status = 'open'),
        sum(estimated_value) filter (where position = {{ position }} and status = 'open'),
        count(*) filter (where position = {{ position }} and status = 'lost'),
        count(*) filter (
            where {{ 'position > ' ~ position ~ ' or ' if not loop.last }}status = 'won'
        )
    from opportunities
    {%- endfor %}
),

final as (
    select
        position,
        stage,
        reached,
        open_now,
        cast(coalesce(open_value, 0) as decimal(18, 2)) as open_value,
        lost_here,
        went_on,
        case when reached > 0 then cast(went_on as double) / reached end as conversion
    from stages
)

select * from final
