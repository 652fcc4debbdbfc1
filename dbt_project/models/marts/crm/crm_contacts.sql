with

customers as (
    select * from {{ ref('dim_customers') }}
),

destination_keys as (
    select * from {{ ref('int_crm__destination_keys') }}
),

contactability as (
    select * from {{ ref('fct_contactability') }}
),

members as (
    select * from {{ ref('fct_segment_members') }}
),

scores as (
    select * from {{ derived('propensity_scores') }}
    where model = 'propensity_accessories'
),

measures as (
    select * from {{ ref('customer_measures') }}
),

keys as (
    select
        customer_id,
        max(destination_key) filter (where destination = 'dynamics365') as dynamics365_contactid,
        max(destination_key) filter (where destination = 'salesforce') as salesforce_contact_id,
        max(destination_key) filter (where destination = 'email_platform') as email_contact_id
    from destination_keys
    where survives
    group by customer_id
),

allowed as (
    select
        {%- for channel in ('email', 'phone', 'post') %}
        {%- for purpose in ('marketing', 'service') %}
        bool_or(allowed) filter (where channel = '{{ channel }}' and purpose = '{{ purpose }}')
            as {{ channel }}_{{ purpose }}_allowed,
        {%- endfor %}
        {%- endfor %}
        customer_id
    from contactability
    group by customer_id
),

segments as (
    select
        customer_id,
        {{ dbt.listagg('segment', "','", 'order by segment') }} as segments
    from members
    group by customer_id
),

final as (
    select
        customers.customer_id,
        customers.lifecycle,
        customers.given_name,
        customers.middle_name,
        customers.family_name,
        customers.birth_date,
        customers.gender,
        customers.email,
        customers.phone,
        customers.street,
        customers.house_number,
        customers.postal_code,
        customers.city,
        customers.country_code,
        customers.language,
        customers.company,
        customers.household_id,
        cast(customers.record_count as bigint) as record_count,
        coalesce(customers.deceased, false) as deceased,
        nullif(
            concat_ws(
                ', ',
                {%- for attribute in ('email', 'phone', 'birth_date') %}
                '{{ attribute | replace('_', ' ') }} '
                || replace(customers.{{ attribute }}_issue, '_', ' ')
                {{- ',' if not loop.last }}
                {%- endfor %}
            ),
            ''
        ) as data_issues,
        customers.pinned_groups,
        keys.dynamics365_contactid,
        keys.salesforce_contact_id,
        keys.email_contact_id,
        {%- for channel in ('email', 'phone', 'post') %}
        {%- for purpose in ('marketing', 'service') %}
        coalesce(allowed.{{ channel }}_{{ purpose }}_allowed, false)
            as {{ channel }}_{{ purpose }}_allowed,
        {%- endfor %}
        {%- endfor %}
        coalesce(segments.segments, '') as segments,
        scores.score as propensity,
        scores.decile as propensity_decile,
        measures.lifetime_revenue,
        measures.orders,
        measures.last_order_at,
        measures.last_contact_at
    from customers
    left join keys
        on customers.customer_id = keys.customer_id
    left join allowed
        on customers.customer_id = allowed.customer_id
    left join segments
        on customers.customer_id = segments.customer_id
    left join scores
        on customers.customer_id = scores.customer_id
    left join measures
        on customers.customer_id = measures.customer_id
    where customers.lifecycle <> 'visitor'
)

select * from final
