select *
from {{ crm_opportunity_changes(
    'dynamics365', 'opportunityid', dynamics365_stage(trimmed('stepname')), 'modifiedon'
) }}
