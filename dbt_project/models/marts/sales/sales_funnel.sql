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

seen as (
    select
        opportunity_id,
        stage,
        changed_at as entered_at,
        lead(changed_at) over (partition by opportunity_id order by changed_at, change_id)
            as left_at
    from {{ ref('opportunity_changes') }}
),

stays as (
    select
        seen.opportunity_id,
        seen.stage,
        greatest(0, {{ dbt.datediff(
            'seen.entered_at', 'coalesce(seen.left_at, opportunities.closed_on, ' ~ as_of() ~ ')',
            'day'
        ) }}) as days
    from seen
    inner join opportunities
        on seen.opportunity_id = opportunities.opportunity_id
),

passages as (
    select
        1 as position,
        'lead' as stage,
        dealer_code,
        model,
        created_at,
        status = 'open' as is_here,
        cast(0 as decimal(18, 2)) as value_here,
        status = 'lost' as is_lost_here,
        status = 'qualified' as went_on,
        cast(null as bigint) as days
    from leads
    {%- for stage in stages %}
    {%- set position = loop.index + 1 %}

    union all

    select
        {{ position }} as position,
        '{{ stage }}' as stage,
        opportunities.dealer_code,
        opportunities.model,
        opportunities.created_at,
        opportunities.position = {{ position }} and opportunities.status = 'open' as is_here,
        opportunities.estimated_value as value_here,
        opportunities.position = {{ position }} and opportunities.status = 'lost' as is_lost_here,
        opportunities.position > {{ position }} or opportunities.status = 'won' as went_on,
        cast(stays.days as bigint) as days
    from opportunities
    left join stays
        on
            opportunities.opportunity_id = stays.opportunity_id
            and stays.stage = '{{ stage }}'
    where opportunities.position >= {{ position }} or opportunities.status = 'won'
    {%- endfor %}
),

counted as (
    select
        position,
        stage,
        coalesce(dealer_code, 'unknown') as dealer_code,
        coalesce(model, 'unknown') as model,
        cast({{ dbt.date_trunc('month', 'created_at') }} as date) as month,
        count(*) as reached,
        count(*) filter (where is_here) as open_now,
        sum(value_here) filter (where is_here) as open_value,
        count(*) filter (where is_lost_here) as lost_here,
        count(*) filter (where went_on) as went_on,
        count(days) as stays,
        cast(coalesce(sum(days), 0) as bigint) as days_here
    from passages
    where created_at is not null
    group by 1, 2, 3, 4, 5
),

final as (
    select
        position,
        stage,
        dealer_code,
        model,
        month,
        reached,
        open_now,
        cast(coalesce(open_value, 0) as decimal(18, 2)) as open_value,
        lost_here,
        went_on,
        cast(went_on as double) / reached as conversion,
        stays,
        days_here
    from counted
)

select * from final
