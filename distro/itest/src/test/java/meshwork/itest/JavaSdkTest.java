package meshwork.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
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

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.errors.UnauthorizedException;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.helpers.ResponseAccumulator;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletion.Choice.FinishReason;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionCreateParams.LogitBias;
import com.openai.models.chat.completions.ChatCompletionNamedToolChoice;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.chat.completions.ChatCompletionToolChoiceOption;
import com.openai.models.chat.completions.ChatCompletionToolMessageParam;
import com.openai.models.completions.CompletionCreateParams;
import com.openai.models.responses.Response;
import com.openai.models.responses.ResponseCreateParams;
import com.openai.models.responses.ResponseInputItem;
import com.openai.models.responses.ResponseStatus;
import com.openai.models.responses.ResponseUsage;
import com.openai.models.responses.ToolChoiceFunction;
import com.openai.models.responses.inputtokens.InputTokenCountParams;

/** The official SDK for Java, which checks every answer against its own types. */
@Timeout(120)
class JavaSdkTest {

	private static final String MODEL = "starter";

	@TempDir
	static Path data;
	private static Distribution.Node node;
	private static String key;
	private static OpenAIClient client;

	enum Kind {
		NODE, RELAY
	}

	record Facts(Kind kind, boolean open, List<Integer> ports) {
	}

	enum City {
		OSLO, LIMA
	}

	@JsonClassDescription("Tells the weather")
	record Weather(City city, int days) {
	}

	@BeforeAll
	static void start() throws Exception {
		key = Distribution.run(data, "key", "new", "sdk").out().strip();
		node = new Distribution.Node(data);
		client = client(key);
	}

	private static OpenAIClient client(String key) {
		return OpenAIOkHttpClient.builder().baseUrl(node.url() + "/v1").apiKey(key).maxRetries(0).responseValidation(true).build();
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
	void anAnswerHasTheFormThatWasAskedFor() {
		var answer = client.chat().completions().create(chat(MODEL).maxCompletionTokens(400).responseFormat(Facts.class).build());

		assertEquals(FinishReason.STOP, answer.choices().getFirst().finishReason());
		assertNotNull(answer.choices().getFirst().message().content().orElseThrow().kind());
	}

	private static ChatCompletionCreateParams.Builder asking() {
		return chat(MODEL).maxCompletionTokens(200).addTool(Weather.class).parallelToolCalls(false);
	}

	@Test
	void aToolThatHasToBeCalledIsAndItsResultIsRead() {
		var named = ChatCompletionNamedToolChoice.builder().function(ChatCompletionNamedToolChoice.Function.builder().name("Weather").build()).build();
		for (var asked : List.of(asking().toolChoice(ChatCompletionToolChoiceOption.Auto.REQUIRED), asking().toolChoice(named))) {
			var choice = client.chat().completions().create(asked.build()).choices().getFirst();
			assertEquals(FinishReason.TOOL_CALLS, choice.finishReason());
			var call = choice.message().toolCalls().orElseThrow().getFirst().asFunction();
			assertEquals(1, choice.message().toolCalls().get().size());
			assertEquals("Weather", call.function().name());
			assertNotNull(call.function().arguments(Weather.class).city());

			var next = client.chat().completions().create(asking().addMessage(choice.message()).addMessage(ChatCompletionToolMessageParam.builder()
					.toolCallId(call.id()).content("rain").build()).toolChoice(ChatCompletionToolChoiceOption.Auto.NONE).build()).choices().getFirst();
			assertTrue(!next.message().content().orElseThrow().isEmpty());
		}
	}

	@Test
	void theCallOfAToolIsStreamed() {
		var asked = asking().toolChoice(ChatCompletionToolChoiceOption.Auto.REQUIRED);
		var accumulator = ChatCompletionAccumulator.create();
		try (var stream = client.chat().completions().createStreaming(asked.build())) {
			stream.stream().forEach(chunk -> accumulator.accumulate(chunk.validate()));
		}

		var streamed = accumulator.chatCompletion().choices().getFirst();
		assertEquals(FinishReason.TOOL_CALLS, streamed.finishReason());
		for (var call : streamed.message().toolCalls().orElseThrow())
			assertNotNull(call.asFunction().function().arguments(Weather.class).city());
	}

	@Test
	void aPlainCompletionIsMade() {
		var answer = client.completions().create(CompletionCreateParams.builder().model(MODEL).prompt("Once upon a time").maxTokens(8).build());

		assertTrue(!answer.validate().choices().getFirst().text().isEmpty());
	}

	@Test
	void aStreamIsCancelledAndTheNodeIsFree() throws Exception {
		try (var stream = client.chat().completions().createStreaming(chat(MODEL).maxCompletionTokens(400)
				.putAdditionalBodyProperty("ignore_eos", JsonValue.from(true)).build())) {
			assertTrue(stream.stream().findFirst().isPresent());
		}
		node.awaitIdle(key);
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
	void aResponseHasTheFormThatWasAskedFor() {
		var answer = client.responses().create(response().maxOutputTokens(400).text(Facts.class).build());

		assertTrue(answer.output().stream().flatMap(item -> item.message().stream()).flatMap(message -> message.content().stream())
				.allMatch(content -> content.asOutputText().kind() != null));
		assertEquals(Optional.of(ResponseStatus.COMPLETED), answer.status());
	}

	@Test
	void aResponseCallsAToolAndReadsItsResult() {
		var asked = response().maxOutputTokens(200).addTool(Weather.class).parallelToolCalls(false).toolChoice(ToolChoiceFunction.builder().name("Weather").build());
		Response whole = client.responses().create(asked.build());
		var accumulator = ResponseAccumulator.createWithSnapshots();
		try (var stream = client.responses().createStreaming(asked.build())) {
			stream.stream().forEach(event -> accumulator.accumulate(event.validate()));
		}

		var call = whole.output().getFirst().asFunctionCall();
		assertNotNull(call.arguments(Weather.class).city());
		assertNotNull(accumulator.reconstructedResponse().output().getFirst().asFunctionCall().arguments(Weather.class).city());
		Response next = client.responses().create(response().previousResponseId(whole.id()).inputOfResponse(List.of(ResponseInputItem
				.ofFunctionCallOutput(ResponseInputItem.FunctionCallOutput.builder().callId(call.callId()).output("rain").build()))).build());
		assertTrue(!String.join("", texts(next)).isEmpty());
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
		var overlong = assertThrows(BadRequestException.class, () -> client.chat().completions().createStreaming(chat(MODEL)
				.addUserMessage("many words ".repeat(4000)).build()));
		assertEquals(Optional.of("context_length_exceeded"), overlong.code());
		OpenAIClient stranger = client("wrong");
		var refused = assertThrows(UnauthorizedException.class, () -> stranger.models().list());
		assertEquals(Optional.of("invalid_api_key"), refused.code());
		stranger.close();
	}
}
