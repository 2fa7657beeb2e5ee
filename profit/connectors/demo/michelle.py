"""Michelle, the acceptance case: what is fixed of her in a company that is otherwise drawn by lot.

She buys a video camera on the web, mails the $100 coupon to the rebate centre, returns the camera to a store for a full
refund, gets an e-mail that offers a stereo, orders the stereo by phone, and calls once more for support.
"""

from __future__ import annotations

import datetime as dt

from profit.connectors.demo.scale import Scale

REBATE_CENTS = 10_000
# Days after the camera's order.
REBATE_CLAIMED, RETURNED, E_MAILED, STEREO_ORDERED, REBATE_PAID, SUPPORT_CALL = 2, 6, 9, 11, 16, 20
SUPPORT_MINUTES = 18
CAMPAIGN_NAME = "Autumn stereo offer"
_CAMERA_ORDERED = dt.date(2025, 10, 6)
_CAMERA_ORDERED_IN_SHORT_WINDOW = dt.date(2025, 12, 5)


def camera_day(scale: Scale) -> int:
    """Day index of the camera's order; the whole case lies in the window, whatever its length."""
    return scale.day(_CAMERA_ORDERED if scale.months >= 3 else _CAMERA_ORDERED_IN_SHORT_WINDOW)


# One record each in the systems that know her: given name, family name, e-mail, phone, street, postal code.
RECORDS = {
    "web_shop": ("Michelle", "Carter", "michelle.carter@example.org", "+1 614 555 0137", "482 Maple Street", "43215"),
    "rebate_centre": ("M.", "Carter", "", "614-555-0137", "482 Maple St", "43215"),
    "stores": ("Michelle", "Carter-Hayes", "", "6145550137", "482 Maple Street", "43215"),
    "marketing_hub": ("michelle", "", "michelle.carter@example.org", "", "", ""),
    "phone_desk": ("Michele", "Carter", "", "(614) 555-0137", "482 Maple Str.", "43215"),
}
CITY, REGION = "Columbus", "OH"
