"""What can be wrong around the service: each check is a function that gives a finding.

Most checks are two functions. One asks (``versions``); the other (``judge_versions``) is a pure
function of what came, so that tests can try each mistake without making it. A finding is for an
operator who does not know this service: ``said`` is what was seen, ``advice`` names what to change.
"""
