package meshwork.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import meshwork.api.inference.ServedModel.State;
import meshwork.openai.ApiServer.Answer;

/** {@code POST /v1/rerank}: the document that answers the query best comes first. */
@Timeout(60)
class RerankTest {

	@AutoClose
	private static final ApiServer api = new ApiServer();

	@ParameterizedTest
	@ValueSource(strings = { "/v1/rerank", "/rerank", "/v1/reranking", "/reranking" })
	void theBestComesFirstAndEqualsKeepTheirOrder(String path) {
		assertEquals(ApiServer.json("""
				{"model": "scripted", "object": "list", "usage": {"prompt_tokens": 7, "total_tokens": 7},
				 "results": [{"index": 2, "relevance_score": 2.0}, {"index": 0, "relevance_score": 1.0}, {"index": 3, "relevance_score": 1.0},
				   {"index": 1, "relevance_score": 0.0}]}"""), api.post(path, """
				{"model": "scripted", "query": "a", "documents": ["a", "b", {"text": "aca"}, "ax"]}""").json());
	}

	@Test
	void fewerAreToldWithTheirTextsWhereThatIsWanted() {
		assertEquals(ApiServer.json("""
				[{"index": 2, "relevance_score": 2.0, "document": {"text": "aa"}}, {"index": 0, "relevance_score": 1.0, "document": {"text": "a"}}]"""),
				api.post("/v1/rerank", """
						{"query": "a", "documents": ["a", "b", "aa"], "top_n": 2, "return_documents": true}""").json().get("results"));
	}

	@Test
	void textsAreRankedAsTextEmbeddingsInferenceDoes() {
		assertEquals(ApiServer.json("[{\"index\": 1, \"score\": 1.0}, {\"index\": 0, \"score\": 0.0}]"),
				api.post("/rerank", "{\"query\": \"a\", \"texts\": [\"b\", \"a\"]}").json());
		assertEquals(ApiServer.json("[{\"index\": 0, \"score\": 1.0, \"text\": \"a\"}]"),
				api.post("/rerank", "{\"query\": \"a\", \"texts\": [\"a\"], \"return_text\": true}").json());
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '\u0000', textBlock = """
			"documents": ["a"]                                  | 400 | query     | missing_required_parameter
			"query": "a"                                        | 400 | documents | missing_required_parameter
			"query": "a", "documents": []                       | 400 | documents | invalid_value
			"query": "a", "documents": "a"                      | 400 | documents | invalid_type
			"query": "a", "documents": [5]                      | 400 | documents | invalid_value
			"query": "a", "documents": [{"title": "a"}]         | 400 | documents | invalid_value
			"query": "a", "texts": [null]                       | 400 | texts     | invalid_value
			"query": "a", "documents": ["a"], "top_n": 0        | 400 | top_n     | integer_below_min_value
			"query": "a", "documents": ["a"], "model": "nobody" | 404 | model     | model_not_found
			""")
	void whatIsWrongIsRefusedByName(String members, int status, String parameter, String code) {
		Answer answer = api.post("/v1/rerank", "{%s}".formatted(members));

		assertEquals(status, answer.status(), answer.response()::body);
		assertEquals(parameter, answer.json().get("error").get("param").asString());
		assertEquals(code, answer.json().get("error").get("code").asString());
	}

	@Test
	void aModelThatCannotRankSaysSo() throws Exception {
		try (var other = new ApiServer()) {
			other.inference.served.clear();
			other.inference.served.add(ScriptedInference.model(ScriptedInference.PICKY, State.READY));
			Answer answer = other.post("/v1/rerank", "{\"query\": \"a\", \"documents\": [\"a\"]}");

			assertEquals(400, answer.status());
			assertEquals("model", answer.json().get("error").get("param").asString());
			assertTrue(answer.json().get("error").get("message").asString().contains("no classification head"), answer.response()::body);
		}
	}

	@Test
	void tooLongADocumentIsToldAsOne() throws Exception {
		try (var other = new ApiServer()) {
			other.inference.served.add(ScriptedInference.model(ScriptedInference.SMALL, State.READY));
			Answer answer = other.post("/v1/rerank", "{\"model\": \"small\", \"query\": \"a\", \"documents\": [\"a\"]}");

			assertEquals("context_length_exceeded", answer.json().get("error").get("code").asString());
			assertEquals("documents", answer.json().get("error").get("param").asString());
		}
	}
}
