with

golden as (select * from {{ ref('int_customers__golden') }}),

orders as (select * from {{ ref('orders') }}),

opportunities as (select * from {{ ref('opportunities') }}),

bridge as (select * from {{ ref('bridge_customer_records') }}),

register_matches as (

    select * from {{ ref('int_contactability__register_matches') }}
    where outcome = 'matched'

),

buyers as (

    select distinct bridge.customer_id
    from orders
    inner join bridge on orders.record_id = bridge.record_id
    where orders.net_amount > 0 and orders.status <> 'cancelled'

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

moves as (

    -- the latest move; it says where the person lives unless a source knows a newer address
    select *
    from (
        select
            *,
            row_number() over (
                partition by customer_id
                order by effective_on desc, recorded_on desc, entry_id asc
            ) as recency
        from register_matches
        where register = 'moved'
    ) as ordered_moves
    where recency = 1

),

current_addresses as (

    select
        golden.customer_id,
        moves.effective_on as moved_on,
        moves.new_postal_code is not null as has_forwarding,
        -- the golden address is the one that was left, or was last stated before the move
        coalesce(
            (golden.postal_key = moves.postal_key and golden.house_key = moves.house_key)
            or cast(golden.address_updated_at as date) < moves.effective_on
            or golden.postal_key is null,
            true
        ) as is_outdated
    from golden
    inner join moves on golden.customer_id = moves.customer_id

),

addressed as (

    select
        golden.*,
        coalesce(current_addresses.has_forwarding and current_addresses.is_outdated, false)
            as is_forwarded,
        coalesce(not current_addresses.has_forwarding and current_addresses.is_outdated, false)
            as address_lost,
        current_addresses.moved_on,
        moves.new_street,
        moves.new_house_number,
        moves.new_postal_code,
        moves.new_city,
        moves.new_country_code
    from golden
    left join current_addresses on golden.customer_id = current_addresses.customer_id
    left join moves on golden.customer_id = moves.customer_id

),

corrected as (

    select
        customer_id,
        {% for part in ['street', 'house_number', 'postal_code', 'city', 'country_code'] %}
        case when is_forwarded then new_{{ part }} else {{ part }} end as {{ part }},
        {% endfor %}
        is_forwarded,
        address_lost,
        moved_on
    from addressed

),

final as (

    select
        golden.customer_id,
        case
            when buyers.customer_id is not null then 'customer'
            when with_open_opportunity.customer_id is not null or golden.is_customer_somewhere
                then 'prospect'
            when golden.is_known_somewhere then 'lead'
            else 'visitor'
        end as lifecycle,
        golden.given_name,
        golden.middle_name,
        golden.family_name,
        golden.birth_date,
        golden.gender,
        golden.email,
        golden.phone,
        corrected.street,
        corrected.house_number,
        corrected.postal_code,
        corrected.city,
        corrected.country_code,
        golden.language,
        {{ key_of_household(
            key_of_postal_code('corrected.postal_code', 'corrected.country_code'),
            key_of_house_number('corrected.house_number'),
            'golden.family_key'
        ) }} as household_id,
        golden.record_count,
        golden.first_seen_at,
        golden.last_updated_at,
        deaths.customer_id is not null as deceased,
        deaths.deceased_on,
        corrected.moved_on is not null as moved,
        corrected.moved_on,
        corrected.is_forwarded as address_from_register,
        corrected.address_lost
    from golden
    inner join corrected on golden.customer_id = corrected.customer_id
    left join buyers on golden.customer_id = buyers.customer_id
    left join with_open_opportunity on golden.customer_id = with_open_opportunity.customer_id
    left join deaths on golden.customer_id = deaths.customer_id

)

select * from final
