package meshwork.http;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.http.UriCompliance.Violation;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.component.LifeCycle;

/** A listening socket, and what is asked of those who come in by it. */
final class Door extends ServerConnector {

	private static final long SOON_MS = 100;

	private final InetAddress host;
	private final HttpConfiguration http;
	private final Map<InetAddress, Integer> connections = new ConcurrentHashMap<>();
	private volatile Settings settings;

	private Door(Server server, Settings settings, HttpConfiguration http) {
		// one acceptor: a socket that the selector accepts for stays open until that wakes up
		super(server, null, null, null, 1, 1, new HttpConnectionFactory(http));
		this.http = http;
		host = settings.host();
		setHost(host.getHostAddress());
		setPort(settings.port());
		take(settings);
	}

	/**
	 * Opens a door.
	 *
	 * @throws IOException when the address can't be had; the message says what to do
	 */
	static Door open(Server server, Settings settings) throws IOException {
		var door = new Door(server, settings, http());
		try {
			door.open();
			server.addConnector(door);
			door.start();
			return door;
		} catch (Exception e) {
			server.removeConnector(door);
			door.close();
			Throwable cause = e.getCause() == null ? e : e.getCause();
			throw new IOException("can't listen on %s:%d (%s): end what does, or set another port in meshwork.http".formatted(
					door.getHost(), settings.port(), cause.getMessage()), e);
		}
	}

	private static HttpConfiguration http() {
		var http = new HttpConfiguration();
		http.setSendServerVersion(false);
		// a model's id may have a slash in it, which clients encode
		http.setUriCompliance(UriCompliance.DEFAULT.with("encoded slashes", Violation.AMBIGUOUS_PATH_SEPARATOR));
		return http;
	}

	Settings settings() {
		return settings;
	}

	/** Whether these settings can be had without another socket. */
	boolean suits(Settings wanted) {
		return wanted.host().equals(host) && (wanted.port() == getPort() || wanted.port() == getLocalPort());
	}

	/** Takes over all but the address; and never opens to others than this machine without a key. */
	void take(Settings wanted) {
		if (!wanted.keys().needed() && !host.isLoopbackAddress())
			return;
		settings = wanted;
		http.setRequestHeaderSize(wanted.maxHeader());
		setIdleTimeout(wanted.idle().toMillis());
	}

	/** Where a client on this machine finds it. */
	String url() {
		String name = host.isAnyLocalAddress() ? "127.0.0.1" : host.getHostAddress();
		return "%s://%s:%d".formatted(settings.tls().isPresent() ? "https" : "http", name.indexOf(':') < 0 ? name : "[" + name + "]", getLocalPort());
	}

	/** Accepts nobody any more, and closes when all that run have ended. */
	void drain(Duration most) {
		try {
			shutdown().get(most.toMillis(), TimeUnit.MILLISECONDS);
		} catch (ExecutionException | TimeoutException e) {
			// what still runs has had its time
		} catch (InterruptedException e) {
			Thread.currentThread().interrupt();
		} finally {
			getServer().removeConnector(this);
			LifeCycle.stop(this);
		}
	}

	/** Accepts nobody any more; who is in goes on. */
	void end() {
		setShutdownIdleTimeout(getIdleTimeout());
		shutdown();
	}

	/** Closes soon what does nothing: connections between two requests have nothing to end. */
	void hurry() {
		setShutdownIdleTimeout(SOON_MS);
		getConnectedEndPoints().forEach(each -> each.setIdleTimeout(SOON_MS));
	}

	@Override
	public ConnectionFactory getDefaultConnectionFactory() {
		return settings.tls().<ConnectionFactory>map(tls -> tls).orElseGet(super::getDefaultConnectionFactory);
	}

	@Override
	protected SocketChannelEndPoint newEndPoint(SocketChannel channel, ManagedSelector selector, SelectionKey key) {
		var endPoint = new PlainEndPoint(channel, selector, key, getScheduler());
		endPoint.setIdleTimeout(getIdleTimeout());
		return endPoint;
	}

	/** The connection that a request came by. */
	static PlainEndPoint endPoint(Request request) {
		EndPoint endPoint = request.getConnectionMetaData().getConnection().getEndPoint();
		return (PlainEndPoint) (endPoint instanceof EndPoint.Wrapper wrapper ? wrapper.unwrap() : endPoint);
	}

	@Override
	protected void doStart() throws Exception {
		super.doStart();
		sweepLater();
	}

	private void sweepLater() {
		getScheduler().schedule(this::sweep, 1, TimeUnit.SECONDS);
	}

	/** Closes the connections on which a request arrives too slowly. */
	private void sweep() {
		if (!isRunning())
			return;
		Duration most = settings.arrive();
		for (EndPoint each : getConnectedEndPoints())
			if (each instanceof PlainEndPoint endPoint && endPoint.dawdles(most))
				endPoint.close();
		sweepLater();
	}

	/** One more than may be is closed at once; this machine may fill all of them. */
	@Override
	protected void onEndPointOpened(EndPoint endPoint) {
		super.onEndPointOpened(endPoint);
		int mine = address(endPoint).map(address -> connections.merge(address, 1, Integer::sum)).orElse(0);
		if (getConnectedEndPoints().size() > settings.maxConnections() || mine > settings.maxConnectionsPerAddress())
			endPoint.close();
	}

	@Override
	protected void onEndPointClosed(EndPoint endPoint) {
		super.onEndPointClosed(endPoint);
		address(endPoint).ifPresent(address -> connections.computeIfPresent(address, (_, count) -> count == 1 ? null : count - 1));
	}

	/** Where a connection comes from; empty for this machine. */
	private static Optional<InetAddress> address(EndPoint endPoint) {
		SocketAddress remote = ((PlainEndPoint) endPoint).from();
		return remote instanceof InetSocketAddress address && !address.getAddress().isLoopbackAddress() ? Optional.of(address.getAddress()) : Optional.empty();
	}
}
