"""From a specification to draws: the only folder that loads PyMC and a sampler."""
