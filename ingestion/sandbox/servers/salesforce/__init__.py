"""The sandbox's Salesforce: the dealers' own CRM, over the REST API and Bulk API 2.0."""
