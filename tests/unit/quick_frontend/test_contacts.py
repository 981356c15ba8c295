from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from support.fakes import JULIET, NURSE, TYBALT

from sat.api import JID
from sat.plugins.messages.api import Unread
from sat.plugins.presence.api import Presence, Show
from sat.plugins.rooms.api import Room, RoomState
from sat.plugins.roster.api import Contact, Subscription
from sat_frontends.quick_frontend.contact_rows import STRANGERS, ContactRow, GroupRow, ListTab, SortBy
from sat_frontends.quick_frontend.contacts import ContactList

BOTH = Subscription.BOTH
BENVOLIO = JID("benvolio@montague.lit")
PEOPLE = [
    Contact(JULIET, "Juliet", BOTH, ["Friends", "Capulet"]),
    Contact(NURSE, "Nurse", BOTH, ["Capulet"]),
    Contact(TYBALT, "", BOTH, []),
    Contact(BENVOLIO, "Benvolio", BOTH, ["Friends"]),
]


def there(jid, show=Show.ONLINE, resource="x", **fields):
    return Presence(jid.with_resource(resource), show, **fields)


def people(*presences, **options):
    made = ContactList(**options)
    made.replace(PEOPLE, presences)
    return made


def drawn(contacts):
    return [row.label if isinstance(row, GroupRow) else f"  {row.label}" for row in contacts.rows]


def row(contacts, jid):
    return next(each for each in contacts.rows if isinstance(each, ContactRow) and each.jid == jid)


def test_groups_by_name_and_ungrouped_last():
    assert drawn(people()) == [
        *["Capulet", "  Juliet", "  Nurse"],
        *["Friends", "  Benvolio", "  Juliet"],
        *["Ungrouped", "  tybalt"],
    ]


def test_who_is_there_comes_first():
    contacts = people(there(NURSE), there(TYBALT, Show.AWAY))
    assert drawn(contacts)[:3] == ["Capulet", "  Nurse", "  Juliet"]
    contacts.set_sorting(SortBy.LABEL)
    assert drawn(contacts)[:3] == ["Capulet", "  Juliet", "  Nurse"]


def test_groups_count_who_is_there():
    contacts = people(there(JULIET))
    heads = {row.name: (row.online, row.total) for row in contacts.rows if isinstance(row, GroupRow)}
    assert heads == {"Capulet": (1, 2), "Friends": (1, 2), "": (0, 1)}
    assert contacts.online == 1


def test_the_best_resource_speaks_for_a_contact():
    contacts = people(there(JULIET, Show.AWAY, "balcony", priority=5), there(JULIET, Show.CHAT, "hall", status="here"))
    assert contacts.presence(JULIET).show is Show.AWAY  # the higher priority
    contacts.present([there(JULIET, Show.OFFLINE, "balcony")])
    assert row(contacts, JULIET).show is Show.CHAT
    assert row(contacts, JULIET).status == "here"
    assert [each.jid.resource for each in contacts.resources(JULIET)] == ["hall"]


def test_the_last_resource_that_goes_makes_a_contact_offline():
    contacts = people(there(JULIET))
    contacts.set_typing(JULIET, True)
    contacts.present([there(JULIET, Show.OFFLINE)])
    assert (row(contacts, JULIET).show, row(contacts, JULIET).typing) == (Show.OFFLINE, False)


def test_only_what_changed_is_told(record):
    contacts = people(there(JULIET))
    told = record(contacts.changed)
    contacts.present([there(NURSE), there(JULIET)])
    assert told == [frozenset({NURSE})]
    contacts.present([there(NURSE)])
    contacts.set_typing(NURSE, False)
    contacts.set_unread([Unread(NURSE, 0)])
    assert len(told) == 1
    contacts.set_tab(ListTab.UNREAD)
    assert told[1:] == [frozenset()]


def test_rows_of_other_groups_are_kept():
    contacts = people()
    before = [each for each in contacts.rows if isinstance(each, ContactRow) and each.group == "Friends"]
    contacts.present([there(NURSE)])
    after = [each for each in contacts.rows if isinstance(each, ContactRow) and each.group == "Friends"]
    assert all(one is other for one, other in zip(before, after, strict=True))


def test_offline_contacts_can_be_hidden_but_not_what_they_wrote():
    contacts = people(there(JULIET), show_offline=False)
    assert drawn(contacts) == ["Capulet", "  Juliet", "Friends", "  Juliet", "Ungrouped"]
    contacts.set_unread([Unread(NURSE, 2)])
    assert "  Nurse" in drawn(contacts)
    assert row(contacts, NURSE).unread == 2


def test_a_fold_hides_all_but_what_is_unread():
    contacts = people()
    contacts.fold("Capulet")
    assert drawn(contacts)[:2] == ["Capulet", "Friends"]
    contacts.set_unread([Unread(NURSE, 1)])
    assert drawn(contacts)[:3] == ["Capulet", "  Nurse", "Friends"]
    head = contacts.rows[0]
    assert (head.folded, head.unread) == (True, 1)
    contacts.fold("Capulet")
    assert drawn(contacts)[:3] == ["Capulet", "  Juliet", "  Nurse"]


def test_the_filter_looks_into_folded_groups_and_addresses():
    contacts = people()
    contacts.fold("Capulet")
    contacts.set_filter("JUL")
    assert drawn(contacts) == ["Capulet", "  Juliet", "Friends", "  Juliet"]
    contacts.set_filter("montague")
    assert drawn(contacts) == ["Friends", "  Benvolio"]
    contacts.set_filter("nobody")
    assert drawn(contacts) == []


def test_the_tabs():
    contacts = people()
    contacts.set_unread([Unread(JULIET, 1)])
    contacts.set_tab(ListTab.UNREAD)
    assert drawn(contacts) == ["Capulet", "  Juliet", "Friends", "  Juliet"]
    contacts.set_tab(ListTab.ROOMS)
    assert drawn(contacts) == []


def test_strangers_who_wrote_are_seen_first_and_stay_when_read():
    contacts, paris = people(), JID("paris@verona.lit")
    contacts.set_unread([Unread(paris, 1)])
    contacts.add_conversations([paris, JULIET])
    assert drawn(contacts)[:2] == ["Not in your contacts", "  paris@verona.lit"]
    assert contacts.rows[0].name == STRANGERS
    contacts.set_unread([Unread(paris, 0)])
    assert drawn(contacts)[-2:] == ["Not in your contacts", "  paris@verona.lit"]
    assert drawn(contacts).count("  Juliet") == 2
    assert contacts.strangers() == [paris]
    contacts.update([Contact(paris, "Paris", BOTH, ["Friends"])])
    assert "Not in your contacts" not in drawn(contacts)
    assert "  Paris" in drawn(contacts)
    contacts.remove([paris])
    assert drawn(contacts)[-2:] == ["Not in your contacts", "  paris@verona.lit"]


def test_a_conversation_with_a_contact_changes_nothing(record):
    contacts = people()
    told = record(contacts.changed)
    contacts.add_conversations([JULIET])
    assert told == []


def test_a_contact_moves_to_another_group():
    contacts = people()
    contacts.update([PEOPLE[0]._replace(groups=["Family"])])
    assert drawn(contacts)[:5] == ["Capulet", "  Nurse", "Family", "  Juliet", "Friends"]
    assert contacts.groups() == ["Capulet", "Family", "Friends"]


def test_without_the_daemon_nobody_is_there():
    contacts = people(there(JULIET))
    assert contacts.online == 1
    contacts.nobody()
    assert contacts.online == 0


def test_whose_messages_are_unread():
    contacts = people()
    contacts.set_unread([Unread(TYBALT, 1), Unread(JULIET, 2)])
    contacts.fold("Capulet")
    assert contacts.with_unread() == [JULIET, TYBALT]
    contacts.set_unread([Unread(TYBALT, 0), Unread(JULIET, 0)])
    assert contacts.with_unread() == []


def test_everything_anew():
    contacts = people(there(JULIET))
    assert row(contacts, JULIET).show is Show.ONLINE
    contacts.replace([PEOPLE[0]._replace(name="Julia", groups=["Capulet"])], [])
    assert drawn(contacts) == ["Capulet", "  Julia"]
    assert row(contacts, JULIET).show is Show.OFFLINE


def test_what_to_call_somebody():
    contacts = people()
    assert contacts.label(JULIET.with_resource("balcony")) == "Juliet"
    assert contacts.label(JID("paris@verona.lit/street")) == "paris@verona.lit"
    assert contacts.label(JID("verona.lit")) == "verona.lit"


NAMES = [JID(f"{name}@x.lit") for name in "abcde"]
STEPS = st.one_of(
    st.tuples(st.just("update"), st.sampled_from(NAMES), st.lists(st.sampled_from(["f", "g"]), unique=True)),
    st.tuples(st.just("remove"), st.sampled_from(NAMES)),
    st.tuples(st.just("present"), st.sampled_from(NAMES), st.sampled_from(Show), st.sampled_from(["1", "2"])),
    st.tuples(st.just("unread"), st.sampled_from(NAMES), st.integers(0, 2)),
    st.tuples(st.just("conversation"), st.sampled_from(NAMES)),
    st.tuples(st.just("look")),
)


@given(st.lists(STEPS, max_size=30))
def test_what_is_kept_is_the_same_as_worked_out_anew(steps):
    """The rows that are kept from before never differ from those of a fresh list."""
    kept, roster, presences, unread, written = ContactList(), {}, {}, {}, set()
    for step in steps:
        match step:
            case ("update", jid, groups):
                roster[jid] = Contact(jid, "", BOTH, groups)
                kept.update([roster[jid]])
            case ("remove", jid):
                roster.pop(jid, None)
                presences = {full: each for full, each in presences.items() if full.bare != jid}
                kept.remove([jid])
            case ("present", jid, show, resource):
                presences[jid.with_resource(resource)] = there(jid, show, resource)
                kept.present([there(jid, show, resource)])
            case ("unread", jid, count):
                unread[jid] = count
                kept.set_unread([Unread(jid, count)])
            case ("conversation", jid):
                written.add(jid)
                kept.add_conversations([jid])
            case _:
                assert kept.rows is kept.rows
    fresh = ContactList()
    fresh.set_unread(Unread(*each) for each in unread.items())
    fresh.add_conversations(written)
    fresh.replace(roster.values(), presences.values())
    assert kept.rows == fresh.rows


BALCONY = JID("balcony@rooms.capulet.lit")


def joined(name="", **fields):
    return Room(BALCONY, "romeo", RoomState.JOINED, name=name, **fields)


def test_rooms_have_a_group_and_a_tab_of_their_own():
    contacts = ContactList()
    contacts.replace([Contact(JULIET, "Juliet", Subscription.BOTH, ["Family"])], [])
    contacts.add_conversations([BALCONY])
    contacts.set_rooms([joined("The balcony", subject="Roses")])
    assert [row.label for row in contacts.rows] == ["Rooms", "The balcony", "Family", "Juliet"]
    assert (contacts.presence(BALCONY).show, contacts.presence(BALCONY).status) == (Show.ONLINE, "Roses")
    contacts.set_tab(ListTab.ROOMS)
    assert [row.label for row in contacts.rows] == ["Rooms", "The balcony"]
    assert contacts.label(BALCONY.with_resource("nurse")) == "nurse (The balcony)"
    contacts.remove_rooms([BALCONY])
    contacts.set_tab(ListTab.ALL)
    assert [row.label for row in contacts.rows] == ["Family", "Juliet", "Not in your contacts", BALCONY]


def test_a_room_does_not_pass_for_a_contact():
    contacts = ContactList()
    contacts.replace([Contact(JULIET, "Juliet", Subscription.BOTH, [])], [])
    contacts.set_rooms([joined("juliet")])
    assert contacts.label(BALCONY) == BALCONY
    contacts.set_rooms([joined()])
    assert contacts.label(BALCONY) == "balcony"
