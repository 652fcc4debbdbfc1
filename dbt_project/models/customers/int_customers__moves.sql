with

golden as (select * from {{ ref('int_customers__golden') }}),

moves as (

    select * from {{ ref('int_contactability__register_matches') }}
    where register = 'moved' and outcome = 'matched'

),

-- the latest move; it says where the person lives unless a source knows a newer address
latest as (

    select *
    from (
        select
            *,
            row_number() over (
                partition by customer_id
                order by effective_on desc, recorded_on desc, entry_id asc
            ) as recency
        from moves
    ) as ordered_moves
    where recency = 1

),

judged as (

    select
        latest.*,
        golden.is_address_pinned,
        latest.new_postal_code is not null as has_forwarding,
        -- the golden address is the one that was left, or was last stated before the move
        coalesce(
            (golden.postal_key = latest.postal_key and golden.house_key = latest.house_key)
            or cast(golden.address_updated_at as date) < latest.effective_on
            or golden.postal_key is null,
            true
        ) as is_outdated
    from latest
    inner join golden on latest.customer_id = golden.customer_id

),

final as (

    select
        customer_id,
        entry_id,
        effective_on as moved_on,
        recorded_on,
        has_forwarding and is_outdated and not is_address_pinned as is_forwarded,
        -- a steward's address is not corrected, but nothing is sent to where somebody has left
        is_outdated and (is_address_pinned or not has_forwarding) as address_lost,
        new_street,
        new_house_number,
        new_postal_code,
        new_city,
        new_country_code
    from judged

)

select * from final
