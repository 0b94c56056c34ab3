package openreferral

// word is a term of ours in plain English, for people who build directories. A test holds the lists to those of the
// directory: none is missing and none is more.
type word struct{ key, name, about string }

func words(k kind) []word {
	switch k {
	case ofNeed:
		return needs()
	case ofPeople:
		return []word{
			{"women", "Women", "For women only."},
			{"men", "Men", "For men only."},
			{"lgbt", "LGBT+ people", "Made for lesbian, gay, bisexual and transgender people."},
			{"deaf", "Deaf people", "Made for deaf people."},
			{"bme", "Black, minority ethnic and faith communities", "Made for people of Black, minority ethnic and faith communities."},
			{"disabled", "Disabled people", "Made for disabled people."},
			{"older", "Older people", "Made for older people."},
			{"migrant", "Migrants", "Made for people who came to the United Kingdom."},
			{"perinatal", "Pregnancy and the first year", "Made for people who are pregnant or have a baby."},
			{"hears-voices", "People who hear voices", "Made for people who hear voices or have other unusual experiences."},
		}
	}
	return []word{
		{"step-free", "Step-free", "Can be reached without steps."},
		{"hearing-loop", "Hearing loop", "Has a hearing loop."},
		{"sign-language", "British Sign Language", "Can be used in British Sign Language."},
		{"easy-read", "Easy read", "Has information in easy read."},
		{"interpreters", "Interpreters", "Offers interpreters."},
		{"home-visits", "Home visits", "Visits people where they live."},
		{"accessible-toilet", "Accessible toilet", "Has an accessible toilet."},
	}
}

func needs() []word {
	return []word{
		{"emergency", "Emergency", "Danger to life now."},
		{"cannot-speak", "Emergency without speaking", "Ways to call for help without a voice."},
		{"police", "Police", "Reporting to the police when it is not an emergency."},
		{"police-emergency", "Police in an emergency", "The police now."},
		{"disclosure-scheme", "Disclosure schemes", "Asking the police whether a partner has a history of abuse."},
		{"domestic-abuse", "Domestic abuse", "Help with abuse by a partner, former partner or relative."},
		{"men", "Men who are abused", "Help for men who are abused."},
		{"lgbt", "LGBT+ people who are abused", "Help for lesbian, gay, bisexual and transgender people who are abused."},
		{"honour-based", "Honour-based abuse", "Help with abuse in the name of honour."},
		{"forced-marriage", "Forced marriage", "Help with being made to marry."},
		{"immigration", "Immigration", "Help where abuse and immigration status meet."},
		{"economic-abuse", "Economic abuse", "Help where somebody else controls money, debts or work."},
		{"legal", "Legal help", "Advice and orders of a court."},
		{"stalking", "Stalking", "Help with being followed, watched or contacted again and again."},
		{"tech-abuse", "Abuse through technology", "Help where telephones, accounts, trackers or devices are used to control."},
		{"intimate-images", "Intimate images", "Help where intimate images are shared or threatened to be."},
		{"images-under-18", "Images of under-18s", "Help to take down sexual images of somebody under 18."},
		{"online-harm", "Harm online", "Help with abuse and harmful content online."},
		{"sexual-violence", "Sexual violence", "Help after rape, sexual assault or abuse."},
		{"children", "Children", "Help for children and for those who worry about one."},
		{"young-people", "Young people", "Help for young people."},
		{"child-safeguarding", "Safeguarding children", "Telling those whose duty it is that a child may come to harm."},
		{"adult-safeguarding", "Safeguarding adults", "Telling those whose duty it is that an adult who needs care may come to harm."},
		{"mental-health-crisis", "Mental health crisis", "Help with thoughts of suicide and other crises of the mind."},
		{"mental-health", "Mental health", "Help with mental health."},
		{"acute-medical", "Urgent medical help", "Medical help that cannot wait."},
		{"clinical-local", "Local clinical service", "A clinical service of the area."},
		{"substance-use", "Drugs and alcohol", "Help with drugs and alcohol."},
		{"victims", "Victims of crime", "Help after a crime, whether or not it was reported."},
		{"modern-slavery", "Modern slavery", "Help with being exploited or trafficked."},
		{"device-safety", "Safety of devices", "Making telephones, accounts and homes safe again."},
		{"patient-safety", "Safety of medical devices", "Reporting a fault of a medical device or implant."},
		{"consumer", "Consumer rights", "Help with goods and services that were bought."},
		{"data-protection", "Data protection", "Rights over one's personal data."},
		{"work", "Work", "Help with trouble at work."},
		{"dementia", "Dementia", "Help with dementia."},
		{"disability", "Disability", "Help for disabled people."},
		{"deaf", "Deaf people", "Help for deaf people."},
		{"older-people", "Older people", "Help for older people."},
		{"fraud", "Fraud", "Help with fraud."},
		{"professional-advice", "Advice for professionals", "Advice for those who help somebody else."},
		{"marac", "Multi-agency risk conference", "Conferences of agencies about people in the greatest danger."},
		{"capacity", "Mental capacity", "Questions of mental capacity."},
		{"long-term-condition", "Long-term conditions", "Living with a long-term condition."},
		{"listening", "Somebody who listens", "Somebody to talk to in distress, without advice or treatment."},
	}
}
