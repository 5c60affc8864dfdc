"""What a verb says beside some objects, where it says something else beside others. Data alone may
enter."""

from __future__ import annotations

from typing import Final

SENSES: Final = (
    "rear: raise | child children kid kids baby puppy",
    "dismiss: terminate | employee employees worker staff",
    "retouch: edit | photo photos picture pictures image video videos",
    "patch: update | app apps software windows phone firmware driver drivers browser system "
    "laptop computer",
    "contact: reach | you support service customer agent human someone somebody person "
    "representative team helpdesk helpline hotline seller driver landlord advisor adviser doctor "
    "hr "
    "teacher owner host manager operator courier",
    "reset: recover, retrieve, restore | password passcode pin",
    "remove: clean | stain stains",
    "ban: block | user users number numbers person contact caller someone somebody website "
    "site sender spam calls ads",
    "pause: suspend | subscription membership plan service delivery contract",
    "cancel: end, stop | subscription subscriptions membership contract plan trial policy "
    "lease tenancy service insurance renewal rental",
    "replace: change | battery batteries tyre tyres tire tires bulb filter oil blade "
    "cartridge toner ink fuse wheel",
    "redeem: apply | discount code coupon voucher promo promotion",
    "spread: apply | cream paint sunscreen makeup",
    "send: post | parcel letter package packet card",
    "create: set up | profile group team page store shop website order orders debit payment "
    "payments rule alert",
    "create: start | group thread poll campaign",
    "set: add | password pin timer alarm reminder",
    "download: get | invoice invoices statement receipt certificate pdf app",
    "bring: take | dog dogs cat cats pet pets stroller pram pushchair buggy bike bicycle laptop "
    "luggage "
    "baggage bag suitcase backpack umbrella wheelchair scissors lighter",
    "connect: join | wifi network wlan hotspot",
    "earn: collect | points miles stamps",
    "delete: clear | cache history cookies",
    "take: make | screenshot screenshots",
    "share: show | screen",
    "recover: restore | file message photo email document photos messages files chats data "
    "contacts account emails access",
    "inspect: check | tyres tires brakes oil",
    "checkin: check | bag bags luggage baggage",
    "last: keep | fridge freezer refrigerator",
    "open: create, set up, make, start, creating, setting up | account accounts",
    "different: another | bank country city branch language provider device address currency size "
    "colour color date day person name email number",
)
"""To edit a photo is not to change it for another; to recover a password is to reset it."""
