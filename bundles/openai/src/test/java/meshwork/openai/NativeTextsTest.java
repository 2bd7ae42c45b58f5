package meshwork.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import meshwork.api.inference.Activity;
import meshwork.api.inference.ServedModel.State;
import meshwork.openai.ApiServer.Answer;
import tools.jackson.databind.JsonNode;

/** What llama-server's clients ask before they have anything generated. */
@Timeout(60)
class NativeTextsTest {

	@AutoClose
	private final ApiServer api = new ApiServer();

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '\u0000', textBlock = """
			/tokenize       | {"content": "ab<end>"}                                              | {"tokens": [97, 98, 256]}
			/tokenize       | {"content": "<end>", "parse_special": false, "add_special": true}   | {"tokens": [257, 60, 101, 110, 100, 62]}
			/tokenize       | {"content": ["a", 5, "<end>"], "add_special": true}                 | {"tokens": [257, 97, 5, 256]}
			/tokenize       | {"content": [5, "a"], "add_special": true}                          | {"tokens": [5, 97]}
			/tokenize       | {"content": "aé<end>", "with_pieces": true}                         | {"tokens": [{"id": 97, "piece": "a"}, {"id": 195, "piece": [195]}, {"id": 169, "piece": [169]}, {"id": 256, "piece": "<end>"}]}
			/tokenize       | {}                                                                  | {"tokens": []}
			/detokenize     | {"tokens": [97, 195, 169, 256], "model": "scripted"}                | {"content": "aé<end>"}
			/detokenize     | {"tokens": [195]}                                                   | {"content": "\ufffd"}
			/detokenize     | {}                                                                  | {"content": ""}
			/apply-template | {"messages": [{"role": "user", "content": "Hi"}]}                   | {"prompt": "user: Hi\\n"}
			""")
	void textsAreCutAndPutTogether(String path, String request, String answer) {
		assertEquals(ApiServer.json(answer), api.post(path, request).json());
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '\u0000', textBlock = """
			/tokenize       | {"content": {}}               | 400 | content  | has to be a string
			/tokenize       | {"content": [true]}           | 400 | content  | has true among its tokens
			/detokenize     | {"tokens": [99999]}           | 400 | tokens   | there is no token 99999
			/detokenize     | {"tokens": ["a"]}             | 400 | tokens   | among its tokens
			/apply-template | {}                            | 400 | messages | missing required parameter
			/tokenize       | {"model": "other"}            | 404 | model    | there is scripted
			/tokenize?model=other | {}                      | 404 | model    | there is scripted
			""")
	void whatIsWrongIsRefusedByName(String path, String request, int status, String parameter, String message) {
		Answer answer = api.post(path, request);

		assertEquals(status, answer.status());
		assertEquals(parameter, answer.json().get("error").get("param").asString());
		assertTrue(answer.json().get("error").get("message").asString().contains(message), answer.response()::body);
	}

	@Test
	void ofSeveralModelsOneHasToBeNamed() {
		api.inference.served.add(ScriptedInference.model(ScriptedInference.THINKING, State.READY));

		for (Answer answer : List.of(api.post("/tokenize", "{}"), api.get("/slots"), api.get("/props"))) {
			assertEquals(400, answer.status());
			assertEquals("missing required parameter: 'model', since several are served: scripted, thinking",
					answer.json().get("error").get("message").asString());
		}
		assertEquals(200, api.post("/tokenize", "{\"model\": \"thinking\"}").status());
		assertEquals("thinking", api.get("/props?model=thinking").json().get("model_alias").asString());
	}

	@Test
	void withoutAModelTheNodeSaysThatThereIsNone() {
		api.inference.served.clear();

		assertEquals(503, api.post("/tokenize", "{\"content\": \"a\"}").status());
		assertEquals(404, api.post("/tokenize", "{\"content\": \"a\", \"model\": \"scripted\"}").status());
	}

	@Test
	void propertiesTellWhatAClientNeedsToKnowFirst() {
		JsonNode props = api.get("/props").json();

		assertEquals(8, props.get("total_slots").asInt());
		assertEquals("scripted.gguf", props.get("model_path").asString());
		assertEquals("{{ messages }}", props.get("chat_template").asString());
		assertEquals(List.of("<begin>", "<end>"), List.of(props.get("bos_token").asString(), props.get("eos_token").asString()));
		assertEquals("script 1.0", props.get("build_info").asString());
		assertEquals(ApiServer.json("{\"vision\": false, \"audio\": false}"), props.get("modalities"));
		assertEquals(1024, props.at("/default_generation_settings/n_ctx").asInt());
		assertEquals(0.8, props.at("/default_generation_settings/params/temperature").asDouble());
	}

	private void busy(int running) {
		api.inference.activities.clear();
		List<Activity.Running> choices = List.of(new Activity.Running(1, "req_1", "somebody", 100, 40, 70, 0, Duration.ofSeconds(1), 0),
				new Activity.Running(0, "req_2", "somebody else", 10, 0, 10, 3, Duration.ofSeconds(1), 3));
		api.inference.activities.add(new Activity("scripted", Instant.EPOCH, 2, choices.subList(0, running), 0, new Activity.Memory(2048, 0, 0, 0, 0),
				new Activity.Done(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, none(), none(), none(), none())));
	}

	private static Activity.Times none() {
		return new Activity.Times(new double[0], new long[1], 0);
	}

	@Test
	void slotsAreThePlacesAndWhatIsDecodedThere() {
		busy(1);
		assertEquals(ApiServer.json("""
				[{"id": 0, "n_ctx": 1024, "is_processing": false},
				 {"id": 1, "n_ctx": 1024, "is_processing": true, "request": "req_1", "n_prompt_tokens": 100, "n_prompt_tokens_processed": 30,
				  "n_prompt_tokens_cache": 40, "next_token": [{"has_next_token": true, "n_decoded": 0}]}]"""), api.get("/slots").json());
		assertEquals(200, api.get("/slots?fail_on_no_slot=1").status());
	}

	@Test
	void whoAsksForAFreeSlotIsToldWhenThereIsNone() {
		busy(2);
		assertEquals(200, api.get("/slots").status());
		Answer answer = api.get("/slots?fail_on_no_slot=1");
		assertEquals(503, answer.status());
		assertEquals("unavailable_error", answer.json().get("error").get("type").asString());
		assertFalse(answer.header("retry-after").isEmpty());
	}

	@Test
	void slotActionsAreRefusedWithWhatToDoInstead() {
		Answer answer = api.post("/slots/0?action=save", "{\"filename\": \"x\"}");

		assertEquals(501, answer.status());
		assertEquals("not_supported_error", answer.json().get("error").get("type").asString());
		assertTrue(answer.json().get("error").get("message").asString().contains("cacheFolder"), answer.response()::body);
	}
}
