"""Settings, by tab."""
