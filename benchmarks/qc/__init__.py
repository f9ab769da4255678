"""Whether QC is right: good pictures pass, and spoilt ones fail by the measure that was spoilt."""
