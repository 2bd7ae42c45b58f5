package meshwork.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
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
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionCreateParams.LogitBias;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.completions.CompletionCreateParams;

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
