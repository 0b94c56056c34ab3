package web

// ownWords are the words without which no page of the platform could be shown, should the catalogue lack them. The
// catalogue's own come first; these are English and say so.
var ownWords = map[string]string{
	"page.neutral-title": "Information",
	"page.skip":          "Skip to the main content",
	"page.draft":         "Draft translation. It has not been checked by a professional.",
	"page.notice":        "Notice",
	"page.demo":          "Demonstration. Nobody and nothing on this page is real.",
	"page.stale":         "This result does not hold your last answer yet. Press “Show result”.",
	"page.no-print":      "Use the print buttons on the page.",
	"page.empty":         "There is nothing here yet. For health advice call 111. In an emergency call 999.",

	"exit.bar":   "Leave",
	"exit.leave": "Leave this page",
	"exit.shift": "or press Shift 3 times",

	"cover.switch":  "Cover the screen",
	"cover.title":   "Opening hours",
	"cover.heading": "Appointments and opening hours",
	"cover.text":    "Please ask at reception for the next appointment.",
	"cover.days":    "Monday to Friday",
	"cover.hours":   "8 am to 6.30 pm",
	"cover.weekend": "Saturday and Sunday",
	"cover.closed":  "Closed",
	"cover.back":    "Close",

	"refusal.emergency": "If somebody is in danger now, call 999. For health advice call 111.",
	"refusal.reference": "Reference:",

	"refusal.malformed.heading":   "This could not be read",
	"refusal.malformed.text":      "What was sent did not arrive as expected. Nothing was changed. Please go back and try again.",
	"refusal.sign-in.heading":     "Please sign in",
	"refusal.sign-in.text":        "This page is for people who have signed in.",
	"refusal.forbidden.heading":   "This is not possible from here",
	"refusal.forbidden.text":      "Nothing was changed. Please open the page again and try once more.",
	"refusal.not-found.heading":   "This page was not found",
	"refusal.not-found.text":      "The address may be wrong, or the page may not be there any more.",
	"refusal.expired.heading":     "This page is too old",
	"refusal.expired.text":        "It was open for too long, or the service has started anew. Nothing was kept. Please start again.",
	"refusal.too-many.heading":    "Please wait a moment",
	"refusal.too-many.text":       "There are many requests just now. Please try again in a few seconds.",
	"refusal.unavailable.heading": "This is not available just now",
	"refusal.unavailable.text":    "Nothing was sent and nothing was saved. Please try again later, or use the telephone.",
	"refusal.unexpected.heading":  "Something went wrong",
	"refusal.unexpected.text":     "It is our mistake. Do not rely on anything having been sent or saved.",
}
