package meshwork.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import meshwork.openai.ApiServer.Answer;
import tools.jackson.databind.JsonNode;

/** Adapters are refused, not ignored: an answer without one that was asked for is a wrong answer. */
@Timeout(60)
class AdaptersTest {

	private static final String REFUSED = "'lora' is not supported yet by this node";

	@AutoClose
	private static final ApiServer api = new ApiServer();

	@Test
	void aRequestThatNamesOneIsRefused() {
		for (Answer answer : new Answer[] { api.chat("\"lora\": [{\"id\": 0, \"scale\": 1}]"), api.complete("\"prompt\": \"a\", \"lora\": [{\"id\": 0}]"),
				api.post("/completion", "{\"prompt\": \"a\", \"lora\": [{\"id\": 0}]}"),
				api.post("/v1/responses", "{\"model\": \"scripted\", \"input\": \"Hi\", \"lora\": [{\"id\": 0}]}"),
				api.post("/v1/messages", """
						{"model": "scripted", "max_tokens": 5, "messages": [{"role": "user", "content": "Hi"}], "lora": [{"id": 0}]}""") }) {
			JsonNode error = answer.json().get("error");
			assertEquals(400, answer.status());
			assertEquals(REFUSED, error.get("message").asString());
		}
		assertEquals(200, api.chat("\"lora\": []").status());
	}

	@Test
	void thereAreNone() {
		assertEquals(ApiServer.json("[]"), api.get("/lora-adapters").json());
		Answer set = api.post("/lora-adapters", "[{\"id\": 0, \"scale\": 0.5}]");
		assertEquals(501, set.status());
		assertEquals(REFUSED, set.json().get("error").get("message").asString());
	}
}
