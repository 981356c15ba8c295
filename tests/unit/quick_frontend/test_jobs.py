"""Jobs that take long."""

from sat_frontends.quick_frontend.jobs import Job, Jobs


def test_jobs_run_fail_and_are_gone(record):
    jobs = Jobs()
    told = record(jobs.changed)
    jobs.update(Job("a", "Fetching"))
    jobs.update(Job("a", "Fetching"))
    assert [job.text for job in jobs] == ["Fetching"]
    jobs.update(Job("a", "Fetching", failed=True))
    assert [job.text for job in jobs] == ["Fetching: failed"]
    jobs.remove("a")
    jobs.remove("a")
    assert list(jobs) == []
    assert told == ["a", "a", "a"]


def test_jobs_are_listed_as_they_began():
    jobs = Jobs()
    jobs.update(Job("b", "second"))
    jobs.update(Job("a", "first"))
    jobs.update(Job("b", "second", failed=True))
    assert [job.id for job in jobs] == ["b", "a"]
