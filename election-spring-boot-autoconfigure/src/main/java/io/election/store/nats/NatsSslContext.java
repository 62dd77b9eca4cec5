package io.election.store.nats;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.security.SecureRandom;

import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;

/**
 * An {@link SSLContext} whose sockets check that a certificate bears the name of the
 * server. The client library of NATS would accept any other that is trusted.
 */
public final class NatsSslContext extends SSLContext {

	/**
	 * Makes a context.
	 * @param context what sockets are made by
	 * @param parameters what they are like, beside that
	 */
	public NatsSslContext(SSLContext context, SSLParameters parameters) {
		super(new Spi(context, parameters), context.getProvider(), context.getProtocol());
	}

	/**
	 * Hands everything but sockets of clients to another context.
	 */
	private static final class Spi extends SSLContextSpi {

		private final SSLContext context;

		private final SSLParameters parameters;

		Spi(SSLContext context, SSLParameters parameters) {
			this.context = context;
			this.parameters = parameters;
			parameters.setEndpointIdentificationAlgorithm("HTTPS");
		}

		@Override
		protected void engineInit(KeyManager[] keys, TrustManager[] trust, SecureRandom random) {
			throw new UnsupportedOperationException("The context is initialized");
		}

		@Override
		protected SSLSocketFactory engineGetSocketFactory() {
			return new Sockets(this.context.getSocketFactory(), this.parameters);
		}

		@Override
		protected SSLServerSocketFactory engineGetServerSocketFactory() {
			return this.context.getServerSocketFactory();
		}

		@Override
		protected SSLEngine engineCreateSSLEngine() {
			return this.context.createSSLEngine();
		}

		@Override
		protected SSLEngine engineCreateSSLEngine(String host, int port) {
			return this.context.createSSLEngine(host, port);
		}

		@Override
		protected SSLSessionContext engineGetServerSessionContext() {
			return this.context.getServerSessionContext();
		}

		@Override
		protected SSLSessionContext engineGetClientSessionContext() {
			return this.context.getClientSessionContext();
		}

	}

	/**
	 * Makes sockets that have the parameters.
	 */
	private static final class Sockets extends SSLSocketFactory {

		private final SSLSocketFactory sockets;

		private final SSLParameters parameters;

		Sockets(SSLSocketFactory sockets, SSLParameters parameters) {
			this.sockets = sockets;
			this.parameters = parameters;
		}

		@Override
		public String[] getDefaultCipherSuites() {
			return this.sockets.getDefaultCipherSuites();
		}

		@Override
		public String[] getSupportedCipherSuites() {
			return this.sockets.getSupportedCipherSuites();
		}

		@Override
		public Socket createSocket(Socket plain, String host, int port, boolean autoClose) throws IOException {
			return configured(this.sockets.createSocket(plain, host, port, autoClose));
		}

		@Override
		public Socket createSocket(String host, int port) throws IOException {
			return configured(this.sockets.createSocket(host, port));
		}

		@Override
		public Socket createSocket(String host, int port, InetAddress localHost, int localPort) throws IOException {
			return configured(this.sockets.createSocket(host, port, localHost, localPort));
		}

		@Override
		public Socket createSocket(InetAddress host, int port) throws IOException {
			return configured(this.sockets.createSocket(host, port));
		}

		@Override
		public Socket createSocket(InetAddress host, int port, InetAddress localHost, int localPort)
				throws IOException {
			return configured(this.sockets.createSocket(host, port, localHost, localPort));
		}

		private Socket configured(Socket socket) {
			((SSLSocket) socket).setSSLParameters(this.parameters);
			return socket;
		}

	}

}
