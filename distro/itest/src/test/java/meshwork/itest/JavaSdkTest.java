package meshwork.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.helpers.ResponseAccumulator;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionCreateParams.LogitBias;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.completions.CompletionCreateParams;
import com.openai.models.responses.Response;
import com.openai.models.responses.ResponseCreateParams;
import com.openai.models.responses.ResponseStatus;
import com.openai.models.responses.ResponseUsage;
import com.openai.models.responses.inputtokens.InputTokenCountParams;

/** The official SDK for Java, which checks every answer against its own types. */
@Timeout(120)
class JavaSdkTest {

	private static final String MODEL = "starter";

	@TempDir
	static Path data;
	private static Distribution.Node node;
	private static OpenAIClient client;

	@BeforeAll
	static void start() throws Exception {
		node = new Distribution.Node(data);
		client = OpenAIOkHttpClient.builder().baseUrl(node.url() + "/v1").apiKey("none").maxRetries(0).responseValidation(true).build();
	}

	@AfterAll
	static void stop() throws Exception {
		client.close();
		node.close();
	}

	private static ChatCompletionCreateParams.Builder chat(String model) {
		return ChatCompletionCreateParams.builder().model(model).addSystemMessage("You are brief.").addUserMessage("What is Meshwork?").temperature(0);
	}

	@Test
	void modelsAreListedAndFound() {
		assertTrue(client.models().list().data().stream().anyMatch(each -> each.validate().id().equals(MODEL)));
		assertEquals("meshwork", client.models().retrieve(MODEL).ownedBy());
	}

	@Test
	void aChatIsAnswered() {
		ChatCompletion answer = client.chat().completions().create(chat(MODEL).maxCompletionTokens(24).build());

		assertEquals(MODEL, answer.model());
		assertTrue(!answer.choices().getFirst().message().content().orElseThrow().isEmpty());
		assertTrue(!answer.choices().getFirst().finishReason().asString().isEmpty());
		assertEquals(answer.usage().orElseThrow().totalTokens(), answer.usage().get().promptTokens() + answer.usage().get().completionTokens());
	}

	@Test
	void aStreamHasTheSameTextAsAnAnswerAtOnce() {
		var asked = chat(MODEL).maxCompletionTokens(24);
		ChatCompletion whole = client.chat().completions().create(asked.build());
		var accumulator = ChatCompletionAccumulator.create();
		try (var stream = client.chat().completions().createStreaming(
				asked.streamOptions(ChatCompletionStreamOptions.builder().includeUsage(true).build()).build())) {
			stream.stream().forEach(chunk -> accumulator.accumulate(chunk.validate()));
		}

		ChatCompletion streamed = accumulator.chatCompletion();
		assertEquals(whole.choices().getFirst().message().content(), streamed.choices().getFirst().message().content());
		assertEquals(whole.choices().getFirst().finishReason(), streamed.choices().getFirst().finishReason());
		assertEquals(whole.usage().map(usage -> usage.completionTokens()), streamed.usage().map(usage -> usage.completionTokens()));
	}

	@Test
	void likelihoodsAreTold() {
		var choice = client.chat().completions().create(chat(MODEL).maxCompletionTokens(3).logprobs(true).topLogprobs(2).build()).choices()
				.getFirst();

		assertTrue(choice.logprobs().orElseThrow().content().orElseThrow().stream().allMatch(token -> token.topLogprobs().size() == 2));
	}

	@Test
	void aPlainCompletionIsMade() {
		var answer = client.completions().create(CompletionCreateParams.builder().model(MODEL).prompt("Once upon a time").maxTokens(8).build());

		assertTrue(!answer.validate().choices().getFirst().text().isEmpty());
	}

	@Test
	void aStreamIsCancelled() {
		try (var stream = client.chat().completions().createStreaming(chat(MODEL).maxCompletionTokens(400)
				.putAdditionalBodyProperty("ignore_eos", JsonValue.from(true)).build())) {
			assertTrue(stream.stream().findFirst().isPresent());
		}
	}

	private static ResponseCreateParams.Builder response() {
		return ResponseCreateParams.builder().model(MODEL).instructions("You are brief.").input("What is Meshwork?").temperature(0).maxOutputTokens(24);
	}

	private static List<String> texts(Response response) {
		return response.output().stream().flatMap(item -> item.message().stream()).flatMap(message -> message.content().stream())
				.map(content -> content.asOutputText().text()).toList();
	}

	@Test
	void theStreamOfAResponseHasTheSameTextAsOneAtOnce() {
		Response whole = client.responses().create(response().build());
		var accumulator = ResponseAccumulator.createWithSnapshots();
		try (var stream = client.responses().createStreaming(response().build())) {
			stream.stream().forEach(event -> accumulator.accumulate(event.validate()));
		}

		Response streamed = accumulator.response();
		assertTrue(!String.join("", texts(whole)).isEmpty());
		assertEquals(texts(whole), texts(streamed));
		assertEquals(whole.status(), streamed.status());
		assertEquals(streamed.output(), accumulator.reconstructedResponse().output());
		assertEquals(whole.usage().map(ResponseUsage::outputTokens), streamed.usage().map(ResponseUsage::outputTokens));
	}

	@Test
	void aResponseIsKeptGoneOnFromAndDeleted() {
		Response first = client.responses().create(response().build());
		Response second = client.responses().create(response().input("And what is it not?").previousResponseId(first.id()).build());

		assertEquals(first.output(), client.responses().retrieve(first.id()).output());
		assertEquals(Optional.of(first.id()), second.previousResponseId());
		assertTrue(second.usage().orElseThrow().inputTokens() > first.usage().orElseThrow().inputTokens());
		assertEquals(1, client.responses().inputItems().list(second.id()).data().size());
		client.responses().delete(first.id());
		assertThrows(NotFoundException.class, () -> client.responses().retrieve(first.id()));
		assertThrows(BadRequestException.class, () -> client.responses().create(response().previousResponseId(first.id()).build()));
	}

	@Test
	void aResponseInTheBackgroundIsCancelled() {
		Response begun = client.responses().create(response().background(true).maxOutputTokens(400).putAdditionalBodyProperty("ignore_eos",
				JsonValue.from(true)).build());

		Response cancelled = client.responses().cancel(begun.id());
		assertEquals(Optional.of(ResponseStatus.CANCELLED), cancelled.status());
		assertEquals(cancelled.status(), client.responses().retrieve(begun.id()).status());
	}

	@Test
	void thePromptOfAResponseIsCounted() {
		long tokens = client.responses().inputTokens().count(InputTokenCountParams.builder().model(MODEL).instructions("You are brief.")
				.input("What is Meshwork?").build()).inputTokens();

		assertEquals(client.responses().create(response().build()).usage().orElseThrow().inputTokens(), tokens);
	}

	@Test
	void errorsAreRead() {
		var unknown = assertThrows(NotFoundException.class, () -> client.chat().completions().create(chat("no-such-model").build()));
		assertEquals(Optional.of("model_not_found"), unknown.code());
		assertEquals(Optional.of("invalid_request_error"), unknown.type());
		var wrong = assertThrows(BadRequestException.class, () -> client.chat().completions().create(chat(MODEL).n(0).build()));
		assertEquals(Optional.of("n"), wrong.param());
		var banned = assertThrows(BadRequestException.class, () -> client.chat().completions().create(chat(MODEL)
				.logitBias(LogitBias.builder().putAdditionalProperty("99999999", JsonValue.from(-100)).build()).build()));
		assertEquals(Optional.of("logit_bias"), banned.param());
	}
}
