// Ten calls with the client of openapi-generator for Go.
package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strings"

	api "accords.example/client"
)

const deal = "us-china-rare-metals"

func passed(name string, isRight bool) {
	if isRight {
		fmt.Println("ok", name)
	} else {
		fmt.Println("WRONG", name)
	}
}

func main() {
	configuration := api.NewConfiguration()
	configuration.Servers = api.ServerConfigurations{{URL: os.Getenv("BASE")}}
	client := api.NewAPIClient(configuration)
	ctx := context.WithValue(context.Background(), api.ContextAccessToken, os.Getenv("TOKEN"))

	beginning, _, err := client.ChangesAPI.ChangesParties(ctx).After("now").Execute()
	if err != nil {
		fmt.Println("WRONG changes", err)
		os.Exit(1)
	}

	page, _, err := client.ClausesAPI.ClausesList(ctx).Agreement([]string{deal}).
		Type_([]api.ClauseType{api.CLAUSETYPE_TARIFF}).
		Expand([]api.ClauseExpansion{api.CLAUSEEXPANSION_AGREEMENT}).Execute()
	if err != nil {
		fmt.Println("WRONG filter", err)
		os.Exit(1)
	}
	clause := page.Results[0]
	passed("filter", clause.GetBaselineValue() == 57 && clause.GetValue() == 47 && clause.Type == api.CLAUSETYPE_TARIFF)

	ids, cursor, total := map[int32]bool{}, "", int32(0)
	for rows := int32(0); ; {
		request := client.ClausesAPI.ClausesList(ctx).PageSize(2).Count(api.COUNTING_EXACT)
		if cursor != "" {
			request = request.Cursor(cursor)
		}
		page, _, err = request.Execute()
		for _, row := range page.Results {
			ids[row.Id] = true
			rows++
		}
		total = page.GetCount()
		if page.Next.Get() == nil {
			passed("all pages", rows == total && int32(len(ids)) == total && total > 2)
			break
		}
		next, _ := url.Parse(*page.Next.Get())
		cursor = next.Query().Get("cursor")
	}

	agreement, _, err := client.AgreementsAPI.AgreementsRetrieve(ctx, deal).Execute()
	quoted := false
	for _, row := range agreement.Clauses {
		for _, citation := range row.Citations {
			quoted = quoted || (citation.Field == "value" && strings.Contains(citation.Exact, "47"))
		}
	}
	passed("nested", quoted && clause.Expanded.Agreement.Title == agreement.Title)

	text, _, err := client.ClausesAPI.ClausesCsv(ctx).Agreement([]string{deal}).Execute()
	passed("CSV", strings.HasPrefix(text, "\ufeffid,url,") && strings.Contains(text, "soja"))

	_, response, err := client.ClausesAPI.ClausesList(ctx).Obligor("nobody").Execute()
	problem, isProblem := err.(*api.GenericOpenAPIError).Model().(api.Problem)
	passed("problem", isProblem && response.StatusCode == 400 && problem.Errors[0].GetParameter() == "obligor")

	body := *api.NewPartyRequest("go-ministry", "Ministry", api.PARTYKIND_ORGANIZATION)
	made, response, err := client.PartiesAPI.PartiesCreate(ctx).IdempotencyKey("go-1").PartyRequest(body).Execute()
	passed("create", err == nil && response.StatusCode == 201 && made.Slug == "go-ministry")

	rename := func(name string, tag string) (*api.Party, string, int) {
		change := api.PatchedPartyRequest{Name: &name}
		row, response, _ := client.PartiesAPI.PartiesPartialUpdate(ctx, "go-ministry").IfMatch(tag).
			PatchedPartyRequest(change).Execute()
		return row, response.Header.Get("ETag"), response.StatusCode
	}
	tag := response.Header.Get("ETag")
	rename("Ministry of Trade", tag)
	_, _, stale := rename("Ministry of Commerce", tag)
	_, response, err = client.PartiesAPI.PartiesRetrieve(ctx, "go-ministry").Execute()
	again, tag, _ := rename("Ministry of Commerce", response.Header.Get("ETag"))
	passed("412 resolved", stale == 412 && again.Name == "Ministry of Commerce")

	bulk, _, err := client.PartiesAPI.PartiesBulk(ctx).PartyBulkRequest(api.PartyBulkRequest{
		Create: []api.PartyRequest{
			*api.NewPartyRequest("go-ada", "Ada", api.PARTYKIND_PERSON),
			*api.NewPartyRequest("go-bob", "Bob", api.PARTYKIND_PERSON),
		},
		Delete: []api.BulkDeleteRequest{*api.NewBulkDeleteRequest(again.Id, tag)},
	}).Execute()
	passed("bulk", err == nil && len(bulk.Created) == 2 && bulk.Deleted[0] == again.Id)

	calendar, _, err := client.RenewalsAPI.RenewalsCalendar(ctx).Agreement([]string{deal}).Execute()
	passed("calendar", strings.HasPrefix(calendar, "BEGIN:VCALENDAR") && strings.Contains(calendar, "BEGIN:VEVENT"))

	feed, _, err := client.ChangesAPI.ChangesParties(ctx).After(beginning.Cursor).Execute()
	names, gone := []string{}, []int32{}
	for _, entry := range feed.Results {
		if row := entry.Row.Get(); row != nil {
			names = append(names, row.Name)
		}
		if entry.Change == api.FEEDCHANGE_DISAPPEARED {
			gone = append(gone, entry.Id)
		}
	}
	passed("changes", strings.Join(names, ",") == "Ada,Bob" && len(gone) == 1 && gone[0] == again.Id)
}
