from __future__ import annotations

from sat_frontends.quick_frontend.jobs import Job, Jobs, JobState


def test_jobs_go_on_and_end(record):
    jobs = Jobs()
    told = record(jobs.changed)
    jobs.update(Job("a", "talk.pdf", total=100))
    jobs.update(Job("a", "talk.pdf", done=42, total=100))
    jobs.update(Job("a", "talk.pdf", done=42, total=100))
    assert (jobs["a"].fraction, jobs["a"].text) == (0.42, "talk.pdf 42%")
    assert told == ["a", "a"]
    jobs.update(Job("a", "talk.pdf", JobState.DONE, 42, 100))
    assert (jobs["a"].fraction, jobs["a"].text) == (1.0, "talk.pdf: done")
    assert jobs.running() == []


def test_what_is_over_stays_over():
    jobs = Jobs()
    jobs.update(Job("a", "talk.pdf", JobState.CANCELLED))
    jobs.update(Job("a", "talk.pdf", done=1))
    assert jobs["a"].state is JobState.CANCELLED


def test_jobs_are_listed_as_they_began(record):
    jobs = Jobs()
    jobs.update(Job("b", "second"))
    jobs.update(Job("a", "first"))
    assert [job.id for job in jobs] == ["b", "a"]
    assert [(job.fraction, job.text) for job in jobs] == [(None, "second"), (None, "first")]
    told = record(jobs.changed)
    jobs.remove("b")
    jobs.remove("b")
    assert (len(jobs), told) == (1, ["b"])
