"""What can be wrong around the service: each check is a function that gives a finding."""
