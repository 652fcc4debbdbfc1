select *
from {{ crm_opportunity_changes(
    'salesforce', 'id', salesforce_stage(trimmed('stage_name')), 'system_modstamp'
) }}
