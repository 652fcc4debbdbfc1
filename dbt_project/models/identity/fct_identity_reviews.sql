with

reviews as (select * from {{ derived('identity_reviews') }}),

person_map as (select * from {{ ref('int_identity__person_map') }}),

final as (

    select
        reviews.review_id,
        reviews.kind,
        one.customer_id,
        other.customer_id as other_customer_id,
        reviews.record_id_1,
        reviews.record_id_2,
        reviews.probability,
        reviews.record_count,
        reviews.reason
    from reviews
    inner join person_map as one on reviews.record_id_1 = one.record_id
    left join person_map as other on reviews.record_id_2 = other.record_id

)

select * from final
