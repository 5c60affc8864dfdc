"""Phrases that say what one word says. Data alone may enter."""

from __future__ import annotations

from typing import Final

PHRASES: Final = (
    "forget: can not remember, can't remember, cannot remember, cant remember, "
    "don't remember, do not remember, don't recall",
    "contact: get in touch with, getting in touch with, get hold of, get a hold of, reach out to",
    "enable: turn on, turn ~ on, switch on, switch ~ on, turning on, switching on, turned on, "
    "switched on",
    "disable: turn off, turn ~ off, switch off, switch ~ off, turning off, switching off, "
    "turned off, switched off",
    "increase: make bigger, make ~ bigger, make larger, make ~ larger",
    "decrease: make smaller, make ~ smaller",
    "explain: walk me through, guide me through, talk me through",
    "refund: money back, my money back, the money back, your money back",
    "unsubscribe: stop getting, stop receiving",
    "recover: get back, get ~ back",
    "setup: set up, setting up",
    "book: like an +appointment, want an +appointment, like to have an +appointment, "
    "make ~ +appointment, make ~ +appointments, schedule ~ +appointment, "
    "arrange ~ +appointment, set up ~ +appointment, get ~ +appointment, make ~ +reservation, "
    "make ~ +booking, schedule ~ +visit, arrange ~ +visit",
    "order: place ~ +order",
    "file: make ~ +claim, submit ~ +claim, lodge ~ +claim, make ~ +complaint, submit ~ +complaint, "
    "lodge ~ +complaint, raise ~ +complaint",
    "get: take out ~ +loan, take out ~ +mortgage",
    "to: in order to",
    "overcome: get over, getting over, got over",
    "cause: lead to, leads to, leading to, result in, results in",
    "instead: in place +of, in lieu +of",
    "way: a good way",
    "helpdesk: help desk, service desk, customer service, customer services, customer support, "
    "customer care, client support, client service, support team",
    "fail: not go through, didn't go through, did not go through, doesn't go through, "
    "does not go through, didnt go through",
    "sim: sim card, sim cards",
    "human: real person, live agent, real human, live person, human being, human agent",
    "pin: pin code, pin number",
    "pdf: pdf file, pdf files, pdf document, pdf documents",
    "csv: csv file, csv files",
    "sms: text message, text messages",
    "email: email address, e-mail address, e mail address, e mail, mail address, email addresses",
    "phone: mobile phone, cell phone, mobile phones, cell phones",
    "wifi: wi fi",
    "giftcard: gift card, gift cards, gift voucher, gift vouchers, gift certificate, gift "
    "certificates",
    "coupon: discount code, promo code, promotional code, promotion code, discount codes",
    "atm: cash machine, cash point, cash dispenser",
    "register: sign up, signing up, signed up",
    "delete: take down, take ~ down",
    "complete: fill out, fill in, fill ~ out, fill ~ in",
    "resign: hand in my notice, give notice, hand in notice",
    "backup: back up, back ~ up, backing up",
    "username: user name, login name",
    "2fa: two factor authentication, two step verification, two factor auth",
    "laptop: notebook computer",
    "payslip: pay slip, pay stub, salary slip",
    "dormitory: student housing, residence hall, hall of residence, student accommodation",
    "eliminate: get rid of, getting rid of",
    "return: send back, send ~ back, bring back, bring ~ back, give back, give ~ back",
    "rollover: roll over, roll ~ over, rolled over, rolling over",
    "repay: pay back, pay ~ back",
    "quit: give up, giving up",
    "postpone: put off, push back, push ~ back",
    "advance: bring forward, bring ~ forward, move forward, move ~ forward",
    "cancel: call off",
    "mean: stand for, stands for",
    "out: out of",
    "submit: hand in, turn in, handing in",
    "continue: carry on",
    "app: mobile application, phone application, web application, software application, "
    "desktop application",
    "postal: by mail, by post, via mail, via post, by postal mail",
    "salary: my pay, our pay, monthly pay, the pay, his pay",
    "vessel: the ship, a ship, this ship, cruise ship",
    "hotel: hotel room, hotel rooms, room in a hotel",
    "vacancy: job opening, job openings, open position, open positions, open job, open jobs",
    "online: on the internet, over the internet, via the internet, through the internet, "
    "on the web, via internet",
    "petrol: gas station, gas stations, gas prices, gas tank, gas mileage",
    "wifi: wireless internet, wireless network",
    "hours: hours of operation, hours of business",
    "medicine: treatment +for, treatments +for, treatments are there +for",
    "cost: expensive +is, expensive +are",
    "dispatch: be shipped, been shipped, was shipped, is shipped, has shipped, be sent out, "
    "been sent out, was sent out, be dispatched, been dispatched, was dispatched",
    "visit: must see",
    "healthy: good for you, good for me, good for your health, good for the health, good for "
    "health",
    "last: stay good, stays good, stay fresh, stays fresh, keep fresh",
    "stay: keep myself, keep yourself, keep oneself, keep calm",
    "why: what is the reason +my, what is the reason +the, what is the reason +i, what is the "
    "reason "
    "why, what is the reason that, what s the reason +my, what s the reason +the, what s the "
    "reason "
    "+i, what s the reason why, what s the reason that",
    "premier: prime minister",
    "another: a second +user, a second +account, a second +card, a second +phone, a second "
    "+device, "
    "a second +screen, a second +monitor, a second +driver, a second +copy, a second +line, "
    "a second +number, a second +email, a second +address, a second +key, a second +guest, "
    "a second +bag, a second +profile, a second +opinion, a second +time",
    "transitdamage: arrived damaged, arrived broken, came damaged, came broken, damaged on the "
    "way, "
    "broken on the way, damaged in transit, broken in transit, damaged during shipping, "
    "damaged in shipping, damaged during delivery, damaged in the post, damaged in the mail, "
    "broken on arrival, damaged on arrival",
    "pass: go past, goes past, going past, drive past, drives past, run past, runs past",
    "when: from when",
    "without: with no",
    "capital: capital city",
    "near: close to",
    "be: take place, takes place, taking place",
    "document: papers +are, papers +do, papers +must, papers +required, papers +needed",
    "deadphone: doesn't turn on, does not turn on, doesnt turn on, won't turn on, wont turn on, "
    "won't ~ turn on, doesn't ~ turn on, doesn't start, does not start, doesnt start, won't start, "
    "wont start, won't ~ start, doesn't ~ start, won't boot, doesn't boot, won't ~ boot, doesn't "
    "~ boot, "
    "won't power on, doesn't power on, doesn't power up, won't power up, not turning on, not "
    "starting up",
    "duplex: double sided, on both sides, two sided",
    "restocked: back in stock, available again",
    "reject: turn down, turned down, turn ~ down, turned ~ down",
    "metropolis: largest city, biggest city, most populous city",
)
