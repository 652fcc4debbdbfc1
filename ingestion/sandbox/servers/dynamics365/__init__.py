"""The sandbox's Dynamics 365: the Dataverse Web API, version 9.2, over OData v4."""
