package meshwork.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import meshwork.api.inference.InferenceException.ModelRefused;
import meshwork.api.inference.InferenceException.ModelRefused.Reason;
import meshwork.api.inference.ServedModel;
import meshwork.api.inference.ServedModel.State;
import meshwork.http.StandaloneServer;
import meshwork.openai.ApiServer.Answer;

/** {@code GET /v1/models} and {@code GET /health}: what is there, and how it is. */
@Timeout(60)
class ModelsTest {

	@Test
	void modelsAreListedWithWhatIsKnownOfThem() throws Exception {
		try (var api = new ApiServer()) {
			api.inference.served.add(ScriptedInference.model("org/other", State.LOADING));
			api.inference.served.add(ScriptedInference.model("gone", State.FAILED));
			String first = """
					{"id": "scripted", "object": "model", "created": 1700000000, "owned_by": "meshwork", "status": {"value": "loaded"},
					 "meta": {"n_vocab": 4096, "n_ctx_train": 2048, "n_ctx": 1024, "n_params": 4000000, "size": 8000000, "architecture": "qwen3moe",
					   "name": "Scripted"}}""";
			String second = """
					{"id": "org/other", "object": "model", "created": 1700000000, "owned_by": "meshwork", "status": {"value": "loading"}}""";

			assertEquals(ApiServer.json("{\"object\": \"list\", \"data\": [" + first + "," + second + "]}"), api.get("/v1/models").json());
			assertEquals(ApiServer.json(first), api.get("/v1/models/scripted").json());
			assertEquals(ApiServer.json(second), api.get("/v1/models/org%2Fother").json());
			assertEquals(ApiServer.json(second), api.get("/v1/models/org/other").json());
		}
	}

	@Test
	void aModelThatIsNotThereIsNotFound() throws Exception {
		try (var api = new ApiServer()) {
			Answer answer = api.get("/v1/models/none");

			assertEquals(404, answer.status());
			assertEquals(ApiServer.json("""
					{"error": {"message": "the model 'none' is not served here; there is scripted", "type": "invalid_request_error", "param": "model",
					  "code": "model_not_found"}}"""), answer.json());
		}
	}

	@Test
	void aNodeWithoutItsRuntimeIsLoading() throws Exception {
		try (var server = new StandaloneServer(); HttpClient client = HttpClient.newHttpClient()) {
			server.register(new HealthEndpoint(), Map.of("http.path", "/health", "http.public", true));
			var answer = client.send(HttpRequest.newBuilder(server.uri().resolve("/health")).build(), BodyHandlers.ofString());
			assertEquals(503, answer.statusCode());
			assertEquals(ApiServer.json("""
					{"status": "loading", "error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}, "models": []}"""),
					ApiServer.json(answer.body()));
		}
	}

	@Test
	void healthTellsLoadingFromReadyFromFailed() throws Exception {
		try (var api = new ApiServer()) {
			assertEquals(200, api.get("/health").status());
			assertEquals(ApiServer.json("""
					{"status": "ok", "models": [{"id": "scripted", "state": "ready", "progress": 1.0}]}"""), api.get("/v1/health").json());

			api.inference.served.add(ScriptedInference.model("more", State.LOADING));
			Answer more = api.get("/health");
			assertEquals(200, more.status());
			assertEquals(ApiServer.json("""
					{"status": "ok", "models": [
					  {"id": "scripted", "state": "ready", "progress": 1.0}, {"id": "more", "state": "loading", "progress": 0.5}]}"""), more.json());

			ServedModel scripted = api.inference.served.removeFirst();
			Answer loading = api.get("/health");
			assertEquals(503, loading.status());
			assertEquals(ApiServer.json("""
					{"status": "loading", "error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}, "models": [
					  {"id": "more", "state": "loading", "progress": 0.5}]}"""), loading.json());
			api.inference.served.addFirst(scripted);

			ServedModel failed = ScriptedInference.model("more", State.FAILED);
			api.inference.served.set(1, new ServedModel("more", failed.settings(), State.FAILED, 0, Optional.of(new ModelRefused(Reason.TRUNCATED,
					"the file ends too early")), failed.since(), Optional.empty()));
			Answer degraded = api.get("/health");
			assertEquals(200, degraded.status());
			assertEquals("degraded", degraded.json().get("status").asString());
			assertEquals(ApiServer.json("""
					{"id": "more", "state": "failed", "progress": 0.0, "problem": "the file ends too early", "reason": "truncated"}"""),
					degraded.json().get("models").get(1));

			api.inference.served.removeFirst();
			assertEquals(List.of(503, "failed"), List.of(api.get("/health").status(), api.get("/health").json().get("status").asString()));
			api.inference.served.clear();
			assertEquals(List.of(503, "empty"), List.of(api.get("/health").status(), api.get("/health").json().get("status").asString()));
		}
	}
}
