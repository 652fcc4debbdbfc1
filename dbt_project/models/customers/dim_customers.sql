with

golden as (select * from {{ ref('int_customers__golden') }}),

moves as (select * from {{ ref('int_customers__moves') }}),

orders as (select * from {{ ref('orders') }}),

vehicles as (select * from {{ ref('vehicles') }}),

service_visits as (select * from {{ ref('service_visits') }}),

opportunities as (select * from {{ ref('opportunities') }}),

bridge as (select * from {{ ref('bridge_customer_records') }}),

register_matches as (

    select * from {{ ref('int_contactability__register_matches') }}
    where outcome = 'matched'

),

-- until when somebody was a customer at least: while an order is open, a warranty or a lease runs
dealings as (

    select
        record_id,
        case when status = 'open' then {{ as_of() }} else cast(ordered_at as date) end as dealt_on
    from orders
    where net_amount > 0 and status <> 'cancelled'

    union all

    select
        record_id,
        greatest(delivered_on, warranty_until, lease_until) as dealt_on
    from vehicles

    union all

    select
        record_id,
        cast(visited_at as date) as dealt_on
    from service_visits

),

buyers as (

    select
        bridge.customer_id,
        coalesce(
            {{ dbt.datediff('max(dealings.dealt_on)', as_of(), 'day') }}
            > {{ var('former_customer_after_days') }},
            false
        ) as is_former
    from dealings
    inner join bridge on dealings.record_id = bridge.record_id
    group by bridge.customer_id

),

with_open_opportunity as (

    select distinct bridge.customer_id
    from opportunities
    inner join bridge on opportunities.record_id = bridge.record_id
    where opportunities.status = 'open'

),

deaths as (

    select
        customer_id,
        min(effective_on) as deceased_on
    from register_matches
    where register = 'deceased'
    group by customer_id

),

located as (

    select
        golden.customer_id,
        {% for part in ['street', 'house_number', 'postal_code', 'city', 'country_code'] %}
        case when moves.is_forwarded then moves.new_{{ part }} else golden.{{ part }} end
            as {{ part }},
        {% endfor %}
        coalesce(moves.is_forwarded, false) as is_forwarded,
        coalesce(moves.address_lost, false) as address_lost,
        moves.moved_on,
        golden.family_key,
        -- the two names of a double one: `Jansen-de Vries`
        {{ name_key("split_part(golden.family_name, '-', 1)") }} as first_name_key,
        case
            when golden.family_name like '%-%'
                then {{ name_key("split_part(golden.family_name, '-', 2)") }}
        end as second_name_key
    from golden
    left join moves on golden.customer_id = moves.customer_id

),

placed as (

    select
        *,
        {{ key_of_postal_code('postal_code', 'country_code') }}
        || '|' || {{ key_of_house_number('house_number') }} as place_key
    from located

),

single_names as (

    select distinct
        place_key,
        family_key
    from placed
    where place_key is not null and second_name_key is null

),

-- who has a double name belongs to those at the address who have one of the two
named_households as (

    select
        placed.customer_id,
        {{ key_of_household('placed.place_key', 'case
            when placed.second_name_key is null then placed.family_key
            when firsts.family_key is null and seconds.family_key is not null
                then placed.second_name_key
            else placed.first_name_key
        end') }} as household_id
    from placed
    left join single_names as firsts
        on
            placed.place_key = firsts.place_key
            and placed.first_name_key = firsts.family_key
            and placed.second_name_key is not null
    left join single_names as seconds
        on
            placed.place_key = seconds.place_key
            and placed.second_name_key = seconds.family_key

),

final as (

    select
        golden.customer_id,
        case
            when not buyers.is_former then 'customer'
            when with_open_opportunity.customer_id is not null then 'prospect'
            when buyers.is_former then 'former_customer'
            when golden.is_customer_somewhere then 'prospect'
            when golden.is_known_somewhere then 'lead'
            else 'visitor'
        end as lifecycle,
        golden.given_name,
        golden.middle_name,
        golden.family_name,
        golden.birth_date,
        golden.birth_date_issue,
        golden.gender,
        golden.email,
        golden.email_key as email_canonical,
        golden.email_as_written,
        golden.email_issue,
        golden.phone,
        golden.phone_issue,
        located.street,
        located.house_number,
        located.postal_code,
        located.city,
        located.country_code,
        golden.language,
        golden.company,
        named_households.household_id,
        golden.pinned_groups,
        golden.record_count,
        golden.first_seen_at,
        golden.last_updated_at,
        deaths.customer_id is not null as deceased,
        deaths.deceased_on,
        located.moved_on is not null as moved,
        located.moved_on,
        located.is_forwarded as address_from_register,
        located.address_lost
    from golden
    inner join located on golden.customer_id = located.customer_id
    inner join named_households on golden.customer_id = named_households.customer_id
    left join buyers on golden.customer_id = buyers.customer_id
    left join with_open_opportunity on golden.customer_id = with_open_opportunity.customer_id
    left join deaths on golden.customer_id = deaths.customer_id

)

select * from final
