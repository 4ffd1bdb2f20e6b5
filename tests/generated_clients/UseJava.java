// Ten calls with the client of openapi-generator for Java.
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.*;
import org.openapitools.client.*;
import org.openapitools.client.api.*;
import org.openapitools.client.model.*;

public class UseJava {
  static final String DEAL = "us-china-rare-metals";
  static PartiesApi parties;

  /** Gives texts as they are: the generated client takes every answer for JSON. */
  static class TextMapper extends ObjectMapper {
    TextMapper() {
      super(ApiClient.createDefaultObjectMapper());
    }

    @Override
    public ObjectMapper copy() {
      return new TextMapper();
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T> T readValue(String content, TypeReference<T> type) throws JsonProcessingException {
      return type.getType() == String.class ? (T) content : super.readValue(content, type);
    }
  }

  static void passed(String name, boolean isRight) {
    System.out.println((isRight ? "ok " : "WRONG ") + name);
  }

  static ApiResponse<Party> rename(String name, String tag) throws ApiException {
    return parties.partiesPartialUpdateWithHttpInfo(PartiesApi.APIPartiesPartialUpdateRequest.newBuilder()
        .slug("java-ministry").ifMatch(tag).patchedPartyRequest(new PatchedPartyRequest().name(name)).build());
  }

  static String tag(ApiResponse<?> response) {
    return response.getHeaders().entrySet().stream()
        .filter(one -> one.getKey().equalsIgnoreCase("etag")).findFirst().get().getValue().get(0);
  }

  public static void main(String[] arguments) throws Exception {
    ApiClient client = new ApiClient();
    client.setObjectMapper(new TextMapper());
    client.updateBaseUri(System.getenv("BASE"));
    client.setRequestInterceptor(one -> one.header("Authorization", "Bearer " + System.getenv("TOKEN")));
    ClausesApi clauses = new ClausesApi(client);
    parties = new PartiesApi(client);

    ChangesApi changes = new ChangesApi(client);
    String beginning = changes.changesParties(
        ChangesApi.APIChangesPartiesRequest.newBuilder().after("now").build()).getCursor();

    Clause clause = clauses.clausesList(ClausesApi.APIClausesListRequest.newBuilder().agreement(List.of(DEAL))
        .type(List.of(ClauseType.TARIFF)).expand(Set.of(ClauseExpansion.AGREEMENT)).build()).getResults().get(0);
    passed("filter", clause.getBaselineValue().intValue() == 57 && clause.getValue().intValue() == 47
        && clause.getType() == ClauseType.TARIFF);

    List<Integer> ids = new ArrayList<>();
    String cursor = null;
    ClausePage page;
    do {
      page = clauses.clausesList(ClausesApi.APIClausesListRequest.newBuilder().pageSize(2).count(Counting.EXACT)
          .cursor(cursor).build());
      page.getResults().forEach(row -> ids.add(row.getId()));
      cursor = page.getNext() == null ? null : Arrays.stream(page.getNext().getQuery().split("&"))
          .filter(one -> one.startsWith("cursor=")).findFirst().get().substring(7);
    } while (cursor != null);
    passed("all pages", ids.size() == page.getCount() && new HashSet<>(ids).size() == ids.size() && ids.size() > 2);

    Agreement agreement = new AgreementsApi(client).agreementsRetrieve(
        AgreementsApi.APIAgreementsRetrieveRequest.newBuilder().slug(DEAL).build());
    boolean quoted = agreement.getClauses().stream().flatMap(row -> row.getCitations().stream())
        .anyMatch(one -> one.getField().equals("value") && one.getExact().contains("47"));
    passed("nested", quoted && clause.getExpanded().getAgreement().getTitle().equals(agreement.getTitle()));

    String text = clauses.clausesCsv(ClausesApi.APIClausesCsvRequest.newBuilder().agreement(List.of(DEAL)).build());
    passed("CSV", text.startsWith("\ufeffid,url,") && text.contains("soja"));

    try {
      clauses.clausesList(ClausesApi.APIClausesListRequest.newBuilder().obligor("nobody").build());
      passed("problem", false);
    } catch (ApiException error) {
      Problem problem = ApiClient.createDefaultObjectMapper().readValue(error.getResponseBody(), Problem.class);
      passed("problem", error.getCode() == 400 && problem.getErrors().get(0).getParameter().equals("obligor"));
    }

    ApiResponse<Party> made = parties.partiesCreateWithHttpInfo(PartiesApi.APIPartiesCreateRequest.newBuilder()
        .partyRequest(new PartyRequest().slug("java-ministry").name("Ministry").kind(PartyKind.ORGANIZATION))
        .idempotencyKey("java-1").build());
    passed("create", made.getStatusCode() == 201 && made.getData().getSlug().equals("java-ministry"));

    rename("Ministry of Trade", tag(made));
    int stale = 0;
    try {
      rename("Ministry of Commerce", tag(made));
    } catch (ApiException error) {
      stale = error.getCode();
    }
    String fresh = tag(parties.partiesRetrieveWithHttpInfo(
        PartiesApi.APIPartiesRetrieveRequest.newBuilder().slug("java-ministry").build()));
    ApiResponse<Party> again = rename("Ministry of Commerce", fresh);
    passed("412 resolved", stale == 412 && again.getData().getName().equals("Ministry of Commerce"));

    PartyBulk bulk = parties.partiesBulk(PartiesApi.APIPartiesBulkRequest.newBuilder().partyBulkRequest(
        new PartyBulkRequest()
            .addCreateItem(new PartyRequest().slug("java-ada").name("Ada").kind(PartyKind.PERSON))
            .addCreateItem(new PartyRequest().slug("java-bob").name("Bob").kind(PartyKind.PERSON))
            .addDeleteItem(new BulkDeleteRequest().id(again.getData().getId()).etag(tag(again)))).build());
    passed("bulk", bulk.getCreated().size() == 2 && bulk.getDeleted().get(0).equals(again.getData().getId()));

    String calendar = new RenewalsApi(client).renewalsCalendar(
        RenewalsApi.APIRenewalsCalendarRequest.newBuilder().agreement(List.of(DEAL)).build());
    passed("calendar", calendar.startsWith("BEGIN:VCALENDAR") && calendar.contains("BEGIN:VEVENT"));

    List<PartyEntry> entries = changes.changesParties(
        ChangesApi.APIChangesPartiesRequest.newBuilder().after(beginning).build()).getResults();
    List<String> names = entries.stream().filter(entry -> entry.getRow() != null)
        .map(entry -> entry.getRow().getName()).toList();
    List<Integer> gone = entries.stream().filter(entry -> entry.getChange() == FeedChange.DISAPPEARED)
        .map(PartyEntry::getId).toList();
    passed("changes", names.equals(List.of("Ada", "Bob")) && gone.equals(List.of(again.getData().getId())));
  }
}
