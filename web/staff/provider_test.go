package staff_test

import (
	"waypost/internal/vault"
	"waypost/referrals/people"
	"waypost/web/staff"
)

func provider(issuer string) *people.Provider {
	return &people.Provider{Issuer: issuer, ClientID: "waypost", Secret: vault.Keep("an invented secret"), Return: staff.ReturnPath}
}
