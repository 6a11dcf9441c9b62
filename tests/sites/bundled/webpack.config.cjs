const path = require("node:path");
const Extract = require("mini-css-extract-plugin");
const Html = require("html-webpack-plugin");
const { WebpackAssetsManifest } = require("webpack-assets-manifest");

module.exports = {
  mode: "production",
  devtool: "source-map",
  optimization: { runtimeChunk: "single" },
  entry: "./src/main.js",
  output: { path: path.resolve("dist/webpack"), filename: "[name].[contenthash].js" },
  module: {
    rules: [
      { test: /\.css$/, use: [Extract.loader, "css-loader"] },
      { test: /\.svg$/, type: "asset/resource" },
    ],
  },
  plugins: [
    new WebpackAssetsManifest({ entrypoints: true }),
    new Extract({ filename: "[name].[contenthash].css" }),
    new Html({ title: "-", templateContent: '<!doctype html><title>-</title><link rel=icon href="data:,"><body></body>' }),
  ],
};
