"""The ground floor of agegap: errors, settings, files, progress, environment."""

__version__ = "0.1.0"
